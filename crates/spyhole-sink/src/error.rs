use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything that can go wrong in this crate. The texts are for users: what is wrong, what was
/// expected, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The run directory is a file.
    #[error("{} is not a directory; a run is kept in a directory of its own", .0.display())]
    NotADirectory(PathBuf),

    /// The run directory cannot be created or written.
    #[error(
        "cannot write to the run directory {}: {source}; choose another one or change its permissions",
        dir.display()
    )]
    NotWritable {
        /// The run directory.
        dir: PathBuf,
        /// Why not.
        source: io::Error,
    },

    /// There is no run to read.
    #[error(
        "no run in {}: expected a file {} in it, as a training with spyhole writes one{hint}",
        dir.display(),
        crate::STORE_FILE
    )]
    NoRun {
        /// The directory that was looked at.
        dir: PathBuf,
        /// Where runs are instead, if some are near; starts with a separator.
        hint: String,
    },

    /// The file is something else.
    #[error(
        "{} is not a run of spyhole: {found}; choose another run directory, the file was left as it is",
        file.display()
    )]
    Foreign {
        /// The file.
        file: PathBuf,
        /// What it is, as far as known.
        found: String,
    },

    /// The store was written by a newer spyhole.
    #[error(
        "{} was written by a newer spyhole: its {what} is version {found}, this one knows up to {known}; \
         update spyhole, the file was left as it is",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Which of the versions.
        what: &'static str,
        /// The version of the file.
        found: u32,
        /// The newest version that this program understands.
        known: u32,
    },

    /// The file is damaged.
    #[error(
        "{} is damaged: {reason}; restore it from a copy, try `sqlite3 run.sqlite .recover`, or \
         choose another run directory",
        file.display()
    )]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What SQLite or the check found.
        reason: String,
    },

    /// Another training writes this run.
    #[error(
        "the run directory {} is in use by {owner}; wait until it ends or choose another directory",
        dir.display()
    )]
    InUse {
        /// The run directory.
        dir: PathBuf,
        /// Who holds it.
        owner: String,
    },

    /// The recording thread does not get to it.
    #[error(
        "the disk is too slow, or full: no store for another run could be made in {} in time",
        dir.display()
    )]
    Busy {
        /// The run directory.
        dir: PathBuf,
    },

    /// The run's file is not where it was.
    #[error("{} was moved or deleted while the run was being recorded", .0.display())]
    Gone(PathBuf),

    /// Another run is now where this one was.
    #[error("{} now holds another run; open it again", .0.display())]
    Replaced(PathBuf),

    /// Reading or writing the store failed.
    #[error("{doing} {}: {source}{hint}", file.display())]
    Store {
        /// What was tried, as in "cannot read".
        doing: &'static str,
        /// The file.
        file: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
        /// What to do, if anything particular; starts with a separator.
        hint: &'static str,
    },

    /// The dashboard's port is taken.
    #[error("port {} on {} is in use by another program; choose another one, or `--port 0` for any free one",
        .0.port(), .0.ip())]
    PortInUse(SocketAddr),

    /// The dashboard's port cannot be opened.
    #[error("cannot open port {} on {}: {source}", address.port(), address.ip())]
    Bind {
        /// The address and port asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },

    /// The dashboard can have no such name.
    #[error(
        "`{0}` is no name of a machine; expected one like `box.example.org`, without `http://` and port"
    )]
    HostName(String),

    /// The given token could not keep anyone out, or does not fit into a URL.
    #[error("a dashboard token needs 16 to 128 characters out of A-Z, a-z, 0-9, - and _")]
    Token,

    /// The operating system gives no thread or runtime.
    #[error("cannot start {what}: {source}")]
    Start {
        /// What was to start.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },

    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(String),

    /// Alerts cannot be posted there.
    #[error("`{0}` is no address for a webhook; expected `http://…` or `https://…` with a host")]
    WebhookUrl(String),

    /// The command for alerts does not exist.
    #[error(
        "the command for alerts, `{program}`, was not found or cannot be executed; give a program on the \
         PATH or the path of one (it is not run in a shell)"
    )]
    NoSuchProgram {
        /// What was asked for.
        program: String,
    },

    /// A recording for rerun cannot be written.
    #[cfg(feature = "rerun")]
    #[error(
        "cannot write the recording {}: {reason}; choose another file, make room, or change its permissions",
        file.display()
    )]
    Recording {
        /// The file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },

    /// No rerun viewer can be there.
    #[cfg(feature = "rerun")]
    #[error("`{0}` is no address of a rerun viewer; expected `rerun+http://HOST:PORT/proxy`")]
    RerunUrl(String),

    /// The program that shows recordings does not exist.
    #[cfg(feature = "rerun")]
    #[error(
        "the rerun viewer, the program `{0}`, was not found on the PATH; install it with `pip install \
         rerun-sdk=={version}`, or `cargo binstall rerun-cli@{version}`",
        version = crate::rerun::VERSION
    )]
    NoRerunViewer(String),

    /// No browser could be started.
    #[error("cannot open a browser: {0}; open the dashboard's URL yourself")]
    Browser(io::Error),
}
