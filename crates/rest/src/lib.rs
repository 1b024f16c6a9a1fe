//! REST in the PostgREST dialect, item routes, batches and OpenAPI.
