//! The embedded SQLite store: thread-local readers, one group-committing writer.
