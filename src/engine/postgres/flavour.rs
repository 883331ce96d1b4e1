//! What speaks PostgreSQL's protocol and is not PostgreSQL: the few things that it does not know.
//!
//! Facts from the manuals of CockroachDB and YugabyteDB, and from what Sqitch does there (it takes no
//! lock on either, and makes CockroachDB's registry without a transaction); nothing of it was run here.

use super::wire::Connection;

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Flavour {
    /// PostgreSQL itself, and whatever does not say that it is something else.
    #[default]
    Postgres,
    /// YugabyteDB, which is PostgreSQL above another storage.
    Yugabyte,
    /// CockroachDB.
    Cockroach,
}

impl Flavour {
    /// As the server says when a session begins.
    pub(super) fn of(conn: &Connection) -> Flavour {
        if conn.parameter("crdb_version").is_some() {
            Flavour::Cockroach
        } else if conn.parameter("server_version").is_some_and(|version| version.contains("YB")) {
            Flavour::Yugabyte
        } else {
            Flavour::Postgres
        }
    }

    /// Whether there are advisory locks, locks on whole tables, and views of who holds them.
    pub(super) fn has_locks(self) -> bool {
        self == Flavour::Postgres
    }

    /// Whether constraints can be put off to the end of a transaction.
    pub(super) fn has_deferred(self) -> bool {
        self != Flavour::Cockroach
    }

    /// Whether tables are made in transactions.
    pub(super) fn makes_tables_in_transactions(self) -> bool {
        self != Flavour::Cockroach
    }
}
