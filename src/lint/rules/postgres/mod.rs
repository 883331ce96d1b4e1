//! The rules for PostgreSQL.

super::rules! {
}
