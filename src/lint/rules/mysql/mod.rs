//! The rules for MySQL and MariaDB.

super::rules! {}
