//! The data: users, posts and comments made by arithmetic alone, the same in every run.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Users in every data set.
pub(super) const USERS: u64 = 1_000;
/// Comments a post.
const COMMENTS: u64 = 3;
/// Bytes of a post's body.
pub(super) const BODY: usize = 500;
/// Every n-th post is a draft, so that the row rule has something to hide.
const DRAFT_EVERY: u64 = 20;
/// 2024-01-01T00:00:00Z, in seconds since 1970; the first post.
const START: u64 = 1_704_067_200;
/// Seconds from a post to the next; a million posts end in July 2024.
const STEP: u64 = 17;

const WORDS: [&str; 24] = [
    "bread", "harbour", "quiet", "window", "seven", "paper", "river", "under", "morning", "copper", "never",
    "garden", "stone", "little", "question", "evening", "salt", "thunder", "answer", "green", "between",
    "letter", "café", "orchard",
];

/// JSON lines on disk, and what is known of them without reading them again.
pub(super) struct DataSet {
    /// Holds `users.jsonl`, `posts.jsonl` and perhaps `comments.jsonl`.
    pub(super) folder: PathBuf,
    /// How many posts there are.
    pub(super) posts: u64,
    /// Whether there are comments.
    pub(super) comments: bool,
}

impl DataSet {
    /// Writes the files; the comments only where wanted.
    pub(super) fn write(folder: &Path, posts: u64, comments: bool) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        lines(&folder.join("users.jsonl"), USERS, |out, user| write_user(out, user))?;
        lines(&folder.join("posts.jsonl"), posts, |out, post| write_post(out, post))?;
        if comments {
            lines(&folder.join("comments.jsonl"), posts * COMMENTS, |out, n| write_comment(out, n))?;
        }
        Ok(Self { folder: folder.to_owned(), posts, comments })
    }
}

fn lines(path: &Path, count: u64, line: impl Fn(&mut dyn Write, u64) -> std::io::Result<()>) -> Result<()> {
    let write = || {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        for n in 0..count {
            line(&mut out, n)?;
        }
        out.flush()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn write_user(out: &mut dyn Write, user: u64) -> std::io::Result<()> {
    let (id, at) = (user_id(user), moment(START - USERS + user));
    writeln!(
        out,
        r#"{{"id":"{id}","name":"Person {user}","email":"person{user}@example.com","created_at":"{at}"}}"#
    )
}

fn write_post(out: &mut dyn Write, post: u64) -> std::io::Result<()> {
    let (id, author, at) = (post_id(post), user_id(author_of(post)), post_time(post));
    let status = if is_draft(post) { "draft" } else { "published" };
    let body = json_text(&text(post, BODY));
    writeln!(
        out,
        r#"{{"id":"{id}","author_id":"{author}","title":"Post number {post}","body":{body},"status":"{status}","created_at":"{at}"}}"#
    )
}

fn write_comment(out: &mut dyn Write, n: u64) -> std::io::Result<()> {
    let (post, nth) = (n / COMMENTS, n % COMMENTS);
    let seconds = START + post * STEP + nth + 1;
    let id = uuid(seconds, mix(n ^ (3 << 60)));
    let (post, author, at) = (post_id(post), user_id(mix(n) % USERS), moment(seconds));
    let body = json_text(&text(n, 80));
    writeln!(
        out,
        r#"{{"id":"{id}","post_id":"{post}","author_id":"{author}","body":{body},"created_at":"{at}"}}"#
    )
}

/// The key of a user.
pub(super) fn user_id(user: u64) -> String {
    uuid(START - USERS + user, mix(user ^ (1 << 60)))
}

/// The key of a post.
pub(super) fn post_id(post: u64) -> String {
    uuid(START + post * STEP, mix(post ^ (2 << 60)))
}

/// When a post was made.
pub(super) fn post_time(post: u64) -> String {
    moment(START + post * STEP)
}

/// Who wrote a post: every user the same number, in no regular order.
pub(super) fn author_of(post: u64) -> u64 {
    let (turn, place) = (post / USERS, post % USERS);
    (place * 7 + mix(turn) % USERS) % USERS
}

/// Whether only the author may read a post.
pub(super) fn is_draft(post: u64) -> bool {
    mix(post ^ (4 << 60)).is_multiple_of(DRAFT_EVERY)
}

/// Exactly `bytes` bytes of words and lines.
pub(super) fn text(seed: u64, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 16);
    let mut n = 0;
    while out.len() < bytes {
        let random = mix(seed.wrapping_mul(1 << 16).wrapping_add(n));
        out.push_str(WORDS[(random % WORDS.len() as u64) as usize]);
        out.push(if random >> 32 & 31 == 0 { '\n' } else { ' ' });
        n += 1;
    }
    let cut = out.floor_char_boundary(bytes);
    out.truncate(cut);
    out.extend(std::iter::repeat_n('.', bytes - cut));
    out
}

/// A string as JSON.
pub(super) fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A version 7 UUID of that second and those random bits.
fn uuid(seconds: u64, random: u64) -> String {
    let millis = seconds * 1000;
    let more = mix(random);
    format!(
        "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
        millis >> 16,
        millis & 0xffff,
        random & 0xfff,
        0x8000 | (random >> 12 & 0x3fff),
        more & 0xffff_ffff_ffff
    )
}

/// `2024-01-01T00:00:00Z`.
fn moment(seconds: u64) -> String {
    let (days, clock) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", clock / 3600, clock / 60 % 60, clock % 60)
}

/// Year, month and day of a day counted from 1970-01-01.
fn date(mut days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month as u64 + 1, days + 1)
}

/// A number as far from its neighbours' as chance would have it (the finaliser of splitmix64).
pub(super) fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_distinct_uuids_in_time_order() {
        let ids: Vec<String> = (0..10_000).map(post_id).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| id.len() == 36 && id.as_bytes()[14] == b'7'), "{}", ids[0]);
    }

    #[test]
    fn every_author_writes_equally_much() {
        let mut counts = vec![0; USERS as usize];
        (0..20 * USERS).for_each(|post| counts[author_of(post) as usize] += 1);
        assert!(counts.iter().all(|&count| count == 20));
    }

    #[test]
    fn moments() {
        assert_eq!(moment(START), "2024-01-01T00:00:00Z");
        assert_eq!(moment(START + 59 * 86_400 + 86_399), "2024-02-29T23:59:59Z");
    }

    #[test]
    fn texts_have_their_length() {
        for seed in 0..200 {
            assert_eq!(text(seed, BODY).len(), BODY);
        }
    }
}
