//! Polls a connection once more where it woke itself, instead of sending it through the scheduler.
//!
//! hyper hands the bytes of a body over in a channel whose two ends the same task polls, so each request with a body wakes the task
//! that is at work on it. To the scheduler that is a task that lets others go first: it is queued, and another thread is woken to
//! see whether it can help. That costs more than many a request.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Polls in a row; a future that wakes itself still has to let others go first.
const POLLS: u8 = 2;

/// Nobody polls: who wakes means the task.
const RESTS: u8 = 0;
/// It is polled.
const POLLED: u8 = 1;
/// It was woken while it was polled.
const WOKEN: u8 = 2;

/// The wakes of one future.
pub(crate) struct Again {
    signal: Arc<Signal>,
    waker: Waker,
}

struct Signal {
    state: AtomicU8,
    task: AtomicWaker,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let noted = self.state.compare_exchange(POLLED, WOKEN, Ordering::AcqRel, Ordering::Acquire);
        if noted == Err(RESTS) {
            self.task.wake();
        }
    }
}

impl Again {
    pub(crate) fn new() -> Self {
        let signal = Arc::new(Signal { state: AtomicU8::new(RESTS), task: AtomicWaker::new() });
        Self { waker: Waker::from(Arc::clone(&signal)), signal }
    }

    /// Polls a future, always the same; once more if it was woken meanwhile.
    pub(crate) fn poll<F: Future>(&self, mut future: Pin<&mut F>, cx: &Context<'_>) -> Poll<F::Output> {
        self.signal.task.register(cx.waker());
        let mut inner = Context::from_waker(&self.waker);
        for _ in 0..POLLS {
            self.signal.state.store(POLLED, Ordering::Release);
            let polled = future.as_mut().poll(&mut inner);
            let state = self.signal.state.swap(RESTS, Ordering::AcqRel);
            if polled.is_ready() || state == POLLED {
                return polled;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A future that wakes itself in its first polls is polled so often by one poll, and wakes its task so often.
    fn check(wakes_itself: usize, polls: usize, task_wakes: usize) {
        let (again, count) = (Again::new(), Arc::new(Count::default()));
        let waker = Waker::from(Arc::clone(&count));
        let mut polled = 0;
        let mut kept = None;
        {
            let mut future = pin!(poll_fn(|cx| {
                polled += 1;
                if polled <= wakes_itself {
                    cx.waker().wake_by_ref();
                }
                kept = Some(cx.waker().clone());
                Poll::<()>::Pending
            }));
            assert!(again.poll(future.as_mut(), &Context::from_waker(&waker)).is_pending());
        }
        assert_eq!((polled, count.0.load(Ordering::Relaxed)), (polls, task_wakes), "{wakes_itself}");
        // From elsewhere and later it is woken as any other.
        let task = Arc::clone(&count);
        std::thread::spawn(move || kept.expect("it was polled").wake()).join().expect("it wakes");
        assert!(task.0.load(Ordering::Relaxed) > 0);
    }

    #[test]
    fn what_wakes_itself_is_polled_once_more_and_then_lets_others_go_first() {
        check(0, 1, 0);
        check(1, 2, 0);
        check(2, 2, 1);
        check(9, 2, 1);
    }
}
