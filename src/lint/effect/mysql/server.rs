//! Which server it is, as far as anybody knows.
//!
//! Knows: what the catalogue says of its server. Must never know: statements.
//!
//! Where the version is not known, one is meant that is still maintained (MySQL 8.0.29, MariaDB 10.6);
//! where it is not known whether it is MySQL or MariaDB, the worse of both counts.

use crate::lint::state::State;

/// Which server it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::lint) struct Server {
    mysql: bool,
    mariadb: bool,
    version: Option<(u32, u32)>,
}

/// What would settle it, where the two differ.
pub(super) const WHICH: &str = "whether the server is MySQL or MariaDB";

impl Server {
    /// The server of a state.
    pub(in crate::lint) fn of(state: &State) -> Server {
        let version = state.version();
        // There is no MySQL 10 so far, and no MariaDB 9.
        let mariadb = state.schema.mariadb || version.is_some_and(|(major, _)| major >= 10);
        let known = mariadb || version.is_some();
        Server { mysql: !mariadb, mariadb: mariadb || !known, version }
    }

    /// Whether it may be MySQL.
    pub(in crate::lint) fn may_be_mysql(self) -> bool {
        self.mysql
    }

    /// Whether it may be MariaDB.
    pub(in crate::lint) fn may_be_mariadb(self) -> bool {
        self.mariadb
    }

    /// What would settle it, if both are possible.
    pub(super) fn unsettled(self) -> Option<String> {
        (self.mysql && self.mariadb).then(|| WHICH.to_owned())
    }

    /// Whether it is surely MySQL, and older than this.
    pub(super) fn is_mysql_before(self, version: (u32, u32)) -> bool {
        !self.mariadb && self.version.is_some_and(|own| own < version)
    }

    /// Whether it is surely MySQL, and this or newer; its version must be known.
    pub(in crate::lint) fn is_mysql_since(self, version: (u32, u32)) -> bool {
        !self.mariadb && self.version.is_some_and(|own| own >= version)
    }

    /// Whether it is surely MariaDB, and older than this.
    pub(super) fn is_mariadb_before(self, version: (u32, u32)) -> bool {
        !self.mysql && self.version.is_some_and(|own| own < version)
    }

    /// Whether it is surely MariaDB, and this or newer; its version must be known.
    pub(in crate::lint) fn is_mariadb_since(self, version: (u32, u32)) -> bool {
        !self.mysql && self.version.is_some_and(|own| own >= version)
    }
}
