//! The rules for SQLite.

super::rules! {}
