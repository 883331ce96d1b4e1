//! What kind of script it is: one transaction, or steps that each stand for themselves.
//!
//! Knows: the kinds of its statements, in order. Must never know: how a script is read.

use super::kind::StatementKind;

/// How a script can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Everything in one transaction.
    Atomic {
        /// Whether the script brings it itself: `BEGIN … COMMIT` around everything.
        own_transaction: bool,
    },
    /// Step by step, for this reason.
    Stepwise(String),
}

/// The course of transactions through a script.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// Something was run that a transaction would take back.
    started: bool,
    /// Inside the script's own transaction.
    open: bool,
    /// The script's own transaction is over.
    over: bool,
    /// A value was added to an enum outside a transaction of the script's own.
    enum_value: bool,
    /// Whether the client begins transactions by itself (`AUTOCOMMIT` is off).
    pub autocommit_off: bool,
    pub rolled_back: bool,
    /// The script's own `BEGIN`.
    pub begin: Option<String>,
    refusal: Option<String>,
}

impl Course {
    /// The script cannot be one transaction; the first reason is kept.
    pub(super) fn refuse(&mut self, reason: impl Into<String>) {
        self.refusal.get_or_insert_with(|| reason.into());
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// A statement comes. It is not `certain` if it depends on a result whether it comes at all.
    pub(super) fn statement(&mut self, kind: &StatementKind, text: &[u8], certain: bool) {
        use StatementKind as Kind;
        if kind.controls() && !certain {
            self.refuse("it depends on a result where its transaction begins or ends");
        }
        if self.autocommit_off && !self.open && !kind.begins_nothing() && *kind != Kind::Empty {
            self.open = true;
        }
        match kind {
            // In a transaction of ours it would have the effect that it has not without one.
            Kind::Set { local: true } if !self.open => {
                self.refuse("SET LOCAL outside a transaction has no effect");
            }
            Kind::Empty | Kind::Show | Kind::Set { .. } => {}
            Kind::Begin => self.begins(text),
            Kind::Commit | Kind::Rollback | Kind::PrepareTransaction | Kind::Chain { .. } => self.ends(kind),
            Kind::RefusesTransaction(name) => self.refuse(format!("{name} cannot be run in a transaction")),
            Kind::MayCommit if !self.open => {
                self.refuse("what CALL or DO run may end transactions of its own");
            }
            Kind::Several(kinds) if kinds.iter().any(Kind::controls) => {
                self.refuse("a message of several statements holds the beginning or end of a transaction");
                kinds.iter().for_each(|kind| self.statement(kind, text, certain));
            }
            Kind::Several(kinds) => kinds.iter().for_each(|kind| self.statement(kind, text, certain)),
            Kind::AddEnumValue => {
                self.plain();
                self.enum_value |= !self.open;
            }
            _ => {
                if self.enum_value {
                    self.refuse("a value added to an enum cannot be used in the same transaction");
                }
                self.plain();
            }
        }
    }

    fn plain(&mut self) {
        if self.over {
            self.refuse("statements follow its transaction");
        }
        self.started = true;
    }

    fn begins(&mut self, text: &[u8]) {
        // A BEGIN in a transaction only warns.
        if self.open {
            return;
        }
        if self.over {
            self.refuse("it holds more than one transaction");
        } else if self.started {
            self.refuse("statements stand before its BEGIN");
        }
        self.open = true;
        self.begin.get_or_insert_with(|| {
            let text = String::from_utf8_lossy(text);
            text.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).to_owned()
        });
    }

    fn ends(&mut self, kind: &StatementKind) {
        if !self.open {
            self.refuse("it ends a transaction that it did not begin");
        }
        self.rolled_back |= matches!(kind, StatementKind::Rollback | StatementKind::Chain { commits: false });
        match kind {
            StatementKind::PrepareTransaction => {
                self.refuse("it prepares its transaction for another session");
            }
            StatementKind::Chain { .. } => {
                self.refuse("it holds more than one transaction");
                return;
            }
            _ => {}
        }
        self.open = false;
        self.over = true;
    }

    /// The shape of the script that ends here.
    pub(super) fn shape(mut self) -> Shape {
        if self.autocommit_off {
            self.refuse("AUTOCOMMIT is switched off");
        }
        if self.open {
            self.refuse("its transaction is left open at the end");
        }
        match self.refusal {
            Some(reason) => Shape::Stepwise(reason),
            None => Shape::Atomic { own_transaction: self.begin.is_some() },
        }
    }
}
