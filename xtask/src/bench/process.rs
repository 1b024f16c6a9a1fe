//! What Linux tells of processes: CPU time of a tree, private memory, the whole computer's work.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Seconds of user and system time that the process and its descendants have used, ended children included.
pub(super) fn cpu_seconds(root: u32) -> f64 {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut ticks = HashMap::new();
    for process in processes() {
        let Some(stat) = Stat::read(process) else { continue };
        children.entry(stat.parent).or_default().push(process);
        ticks.insert(process, stat.ticks);
    }
    let mut sum = 0;
    let mut todo = vec![root];
    while let Some(process) = todo.pop() {
        sum += ticks.get(&process).copied().unwrap_or(0);
        todo.extend(children.get(&process).into_iter().flatten());
    }
    sum as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// The same of one process alone, without its children.
pub(super) fn own_cpu_seconds(process: u32) -> f64 {
    let ticks = Stat::read(process).map_or(0, |stat| stat.own_ticks);
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// The same of those threads of a process whose name begins so.
pub(super) fn threads_seconds(process: u32, name: &str) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let named = tasks.filter(|task| {
        fs::read_to_string(task.path().join("comm")).is_ok_and(|found| found.starts_with(name))
    });
    let ticks: u64 =
        named.filter_map(|task| Stat::of(&task.path().join("stat"))).map(|stat| stat.own_ticks).sum();
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Seconds that children of this process had used when they ended.
pub(super) fn ended_children_seconds() -> f64 {
    let ticks = Stat::read(std::process::id()).map_or(0, |stat| stat.ticks - stat.own_ticks);
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

struct Stat {
    parent: u32,
    own_ticks: u64,
    /// With those of children that have ended.
    ticks: u64,
}

impl Stat {
    /// Nothing where the process has gone meanwhile.
    fn read(process: u32) -> Option<Self> {
        Self::of(Path::new(&format!("/proc/{process}/stat")))
    }

    fn of(file: &Path) -> Option<Self> {
        let text = fs::read_to_string(file).ok()?;
        // The name, in parentheses, may itself hold spaces and parentheses.
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let times: Vec<u64> = fields.get(11..15)?.iter().filter_map(|field| field.parse().ok()).collect();
        let own_ticks = times.iter().take(2).sum();
        Some(Self { parent: fields.get(1)?.parse().ok()?, own_ticks, ticks: times.iter().sum() })
    }
}

/// Private memory of the process in KiB (RssAnon: without the program's text and mapped files).
pub(super) fn private_kib(process: u32) -> Result<u64> {
    let file = format!("/proc/{process}/status");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    number.with_context(|| format!("{file} says no RssAnon"))
}

/// Seconds the computer's processors have been busy for any process; packets on the loopback left out, for they
/// belong to none.
pub(super) fn busy_seconds() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields: Vec<u64> =
        text.lines().next().unwrap_or("").split_whitespace().filter_map(|f| f.parse().ok()).collect();
    // user, nice, system, then idle and iowait, then interrupts.
    let busy: u64 = [0, 1, 2, 5].iter().filter_map(|&at| fields.get(at)).sum();
    busy as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Raises the limit of open files, which the servers inherit.
pub(super) fn allow_many_files(wanted: u64) -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    ensure!(
        limit.maximum.is_none_or(|most| most >= wanted),
        "the benchmark needs {wanted} open files, but at most {} are allowed; raise the hard limit (`ulimit -Hn`)",
        limit.maximum.unwrap_or(0)
    );
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })
        .context("cannot raise the limit of open files")
}
