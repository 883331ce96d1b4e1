//! One file per command; this list makes the command line out of them.

use super::session::Session;
use crate::error::Result;
use clap::Subcommand;

/// Makes the enum of commands, their dispatch, and what they say about JSON, from one list.
macro_rules! commands {
    ($($(#[$doc:meta])* $module:ident $name:ident),* $(,)?) => {
        $(mod $module;)*

        /// All commands.
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($(#[$doc])* $name($module::Arguments),)*
        }

        impl Command {
            /// Runs the command and says its exit status.
            ///
            /// # Errors
            /// Whatever the command reports.
            pub fn run(&self, session: &mut Session) -> Result<u8> {
                match self {
                    $(Command::$name(arguments) => $module::run(arguments, session),)*
                }
            }

            /// Whether it runs in spite of a configuration that nobody understands.
            #[must_use]
            pub fn mends_configuration(&self) -> bool {
                matches!(self, Command::Config(_) | Command::Completions(_) | Command::Man(_))
            }

            /// Whether errors, too, are wanted as JSON.
            #[must_use]
            pub fn wants_json(&self) -> bool {
                match self {
                    $(Command::$name(arguments) => arguments.wants_json(),)*
                }
            }
        }
    };
}

commands! {
    /// Start a project: configuration, plan and script folders
    init Init,
    /// Plan a change and write its scripts from templates
    add Add,
    /// Plan a new version of a tagged change
    rework Rework,
    /// Tag a change, or list the tags
    tag Tag,
    /// Deploy planned changes, verify and record them
    deploy Deploy,
    /// Take deployed changes back
    revert Revert,
    /// Take changes back and deploy them again
    rebase Rebase,
    /// Check out a git branch, and bring the database to its plan
    checkout Checkout,
    /// Verify deployed changes
    verify Verify,
    /// Show what is deployed and what is not
    status Status,
    /// Show what happened in the database
    log Log,
    /// Show how the last runs went
    notes Notes,
    /// Show the plan
    plan Plan,
    /// Show a change, a tag or a script
    show Show,
    /// Compare plan and scripts with what is deployed
    check Check,
    /// Say what changes would do to a live database
    lint Lint,
    /// Say in plain words what scripts do
    explain Explain,
    /// Write the text for a pull request: the rollback plan first
    review Review,
    /// Answer the questions to be asked before every deployment
    checklist Checklist,
    /// Write down what is known of a database, for checks without it
    facts Facts,
    /// Go on with a change that stopped half-way
    resume Resume,
    /// Say how a change is that stopped half-way
    mark Mark,
    /// Accept changes without a way back that were planned before today
    adopt Adopt,
    /// Bring the registry to the current version
    upgrade Upgrade,
    /// Copy a project for distribution
    bundle Bundle,
    /// Show and change targets
    target Target,
    /// Show and change engines
    engine Engine,
    /// Read and write configuration
    config Config,
    /// Write completions for a shell
    completions Completions,
    /// Write manual pages
    man Man,
}
