//! `postChanges`: each change of a row that its subscriber may read, as it is committed.

use std::sync::Arc;

use bistro_engine::{Changed, Commit, Context, Event, Listener, OldRow};
use bistro_ir::Input;
use bistro_problem::Problem;
use bistro_schema::Value;
use bistro_schema::text::write_plain;
use bistro_store::Sink;
use futures_util::{Stream, stream};

use super::clock;
use super::operation::lagged;
use crate::compile::changes::Piece;
use crate::compile::{Changes, global_id};
use crate::document::BoundRoot;
use crate::execute::{Body, Reply, Run};
use crate::plan::{Plan, Reading, Work};
use crate::render::{Writer, write_value};

/// The changes that a subscription asks for, until its engine is replaced.
pub(super) fn follow(run: Run, plan: Arc<Plan>, nodes: Vec<BoundRoot>) -> impl Stream<Item = Reply> + Send {
    let types = changes(&plan).map(Changes::types).unwrap_or_default();
    let listener = run.engine.feed().listen(&types);
    let following = Following { run, plan, nodes, listener, commit: None, over: false };
    stream::unfold(following, |mut following| async move {
        following.next().await.map(|reply| (reply, following))
    })
}

fn changes(plan: &Plan) -> Option<&Changes> {
    match plan.roots.first().map(|root| &root.work) {
        Some(Work::Changes(changes)) => Some(changes),
        _ => None,
    }
}

struct Following {
    run: Run,
    plan: Arc<Plan>,
    nodes: Vec<BoundRoot>,
    listener: Listener,
    /// The commit that is being told, and how many of its changes were.
    commit: Option<(Arc<Commit>, usize)>,
    over: bool,
}

impl Following {
    async fn next(&mut self) -> Option<Reply> {
        let plan = Arc::clone(&self.plan);
        let changes = changes(&plan)?;
        while !self.over {
            let Some((commit, n)) = self.change().await? else {
                return Some(self.ends("More happened than waits for a subscriber who is slow"));
            };
            match &commit.changes()[n] {
                change if change.ty() != changes.ty => {}
                // It was written before this subscription began.
                Changed::Rows(_) => {}
                Changed::Unknown(_) => {
                    return Some(self.ends("Rows changed, and it is not known which, or whether they did"));
                }
                Changed::Row { event, key, old, .. } if changes.events.contains(event) => {
                    if let Some(reply) =
                        self.tell(changes, *event, key, old.as_ref().map(|old| (old, &*commit))).await
                    {
                        return Some(reply);
                    }
                }
                Changed::Row { .. } => {}
            }
        }
        None
    }

    /// The next change, told or not; nothing inside where some were lost, `None` at the end.
    async fn change(&mut self) -> Option<Option<(Arc<Commit>, usize)>> {
        loop {
            if let Some((commit, n)) = &mut self.commit
                && *n < commit.changes().len()
            {
                *n += 1;
                return Some(Some((Arc::clone(commit), *n - 1)));
            }
            match self.listener.next().await? {
                Ok(commit) => self.commit = Some((commit, 0)),
                Err(_) => return Some(None),
            }
        }
    }

    fn ends(&mut self, why: &str) -> Reply {
        self.over = true;
        lagged(why)
    }

    /// The reply that tells of a change; `None` where the caller cannot see the row, or it is none of those asked for.
    async fn tell(
        &self,
        changes: &Changes,
        event: Event,
        key: &[Value],
        old: Option<(&OldRow, &Commit)>,
    ) -> Option<Reply> {
        let cx = clock::now(&self.run.cx);
        let written = self.written(&cx, changes, event, key, old).await.transpose()?;
        let root = self.plan.roots.first()?;
        let mut body = Body::new(self.run.caps, self.plan.size.room());
        let state = body.field();
        body.add(state, root, written);
        let reply = body.finish();
        self.plan.size.note(reply.body.len());
        Some(reply)
    }

    async fn written(
        &self,
        cx: &Context,
        changes: &Changes,
        event: Event,
        key: &[Value],
        old: Option<(&OldRow, &Commit)>,
    ) -> Result<Option<Writer>, Problem> {
        let mut nodes = Vec::new();
        match (event, old) {
            (Event::Delete, Some(old)) => {
                let Some(input) = self.input(changes, 0, key) else { return Ok(None) };
                if !self.run.engine.could_read(cx, &changes.hindsight, &input, old).await? {
                    return Ok(None);
                }
            }
            (Event::Delete, None) => return Ok(None),
            _ => {
                for (n, reading) in changes.nodes.iter().enumerate() {
                    let Some(input) = self.input(changes, n, key) else { return Ok(None) };
                    let (node, rows) = self.node(cx, reading, n, input).await?;
                    if n == 0 && rows == 0 {
                        return Ok(None);
                    }
                    nodes.push(Some(node));
                }
            }
        }
        let mut writer = Writer::new(self.run.caps, self.plan.size.room());
        if let Some(root) = self.plan.roots.first() {
            writer.raw(format!("\"{}\":", root.key).as_bytes());
        }
        for piece in &changes.pieces {
            write(&mut writer, piece, event, key, &mut nodes)?;
        }
        Ok(Some(writer))
    }

    /// The values of a node for the row of this key.
    fn input(&self, changes: &Changes, n: usize, key: &[Value]) -> Option<Input> {
        let BoundRoot::Read { inputs, .. } = self.nodes.get(n)? else { return None };
        let mut input = inputs.first()?.clone();
        changes.put_key(&mut input, key);
        Some(input)
    }

    /// The member of a node, and how many rows it is of: one or none.
    async fn node(
        &self,
        cx: &Context,
        reading: &Reading,
        n: usize,
        input: Input,
    ) -> Result<(Writer, u64), Problem> {
        let bug = || Problem::bug("a node of a change is not one read");
        let (Some(part), Some(BoundRoot::Read { pages, .. })) = (reading.parts.first(), self.nodes.get(n))
        else {
            return Err(bug());
        };
        let mut writer = Box::new(Writer::new(self.run.caps, 256));
        writer.begin(Arc::clone(&reading.shape), pages.clone());
        writer.part(0);
        let now = self.run.engine.read_now(cx, &part.ready, &input, writer.as_mut())?;
        let rows = match now {
            Some(outcome) => outcome.rows,
            None => {
                let sink: Box<dyn Sink> = writer;
                let read = self.run.engine.read(cx.clone(), Arc::clone(&part.ready), input, sink);
                let (sink, outcome) = read.await?;
                writer = sink.into_any().downcast::<Writer>().map_err(|_| bug())?;
                outcome.rows
            }
        };
        writer.part_end();
        writer.end(None)?;
        Ok((*writer, rows))
    }
}

fn write(
    writer: &mut Writer,
    piece: &Piece,
    event: Event,
    key: &[Value],
    nodes: &mut [Option<Writer>],
) -> Result<(), Problem> {
    match piece {
        Piece::Text(text) => writer.raw(text.as_bytes()),
        Piece::Event => writer.raw(match event {
            Event::Insert => b"INSERT",
            Event::Update => b"UPDATE",
            Event::Delete => b"DELETE",
        }),
        Piece::Key(n, print) => {
            let mut value = Vec::new();
            write_value(key.get(*n).unwrap_or(&Value::Null).borrow(), *print, &mut value);
            writer.raw(&value);
        }
        Piece::GlobalId(type_name) => writer.raw(&global_id(type_name, key)),
        Piece::Node(n, name) => match nodes.get_mut(*n).and_then(Option::take) {
            Some(node) => writer.append(node)?,
            None => writer.raw(format!("\"{name}\":null").as_bytes()),
        },
    }
    Ok(())
}

/// The global id of the row of this key, as JSON.
fn global_id(type_name: &str, key: &[Value]) -> Vec<u8> {
    let plain = |value: &Value| {
        let mut text = Vec::new();
        write_plain(value.borrow(), &mut text);
        text
    };
    let key: Vec<Vec<u8>> = key.iter().map(plain).collect();
    let mut id = vec![b'"'];
    global_id::append(type_name, key.iter().map(Vec::as_slice), &mut Vec::new(), &mut id);
    id.push(b'"');
    id
}
