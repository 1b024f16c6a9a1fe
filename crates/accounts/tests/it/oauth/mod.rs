//! Signing in at other providers.

mod by_hand;
mod id_token;
mod linking;
mod refused;
mod trips;
mod way;
