//! The PostgreSQL store: pipelined reads over few connections, writes over a wider pool.
