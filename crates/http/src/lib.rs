//! The server: connections, limits, CORS, request ids, authentication, drain.
