use std::path::Path;
use std::time::Duration;

use spyhole_protocol::{Record, Status};

use super::address::Address;
use super::directory::Directory;
use super::server::Server;
use crate::commands;

/// How long to wait for news before there is `Quiet`.
pub(super) const WAIT: Duration = Duration::from_millis(300);

/// Records read at once from a directory.
pub(super) const BATCH: usize = 200;

/// What a source has to say.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub(super) enum News {
    /// The next records, in order, each once.
    Records(Vec<Record>),
    /// Where the run is now.
    Status(Status),
    /// Everything that was recorded before we looked has been handed out. Comes once.
    Present,
    /// Something about the looking, for the user.
    Note(String),
    /// The connection is lost, for this reason; it is tried again.
    Away(String),
    /// Nothing new for a moment.
    Quiet,
}

/// There will be no more news, for this reason.
#[derive(Debug)]
pub(super) struct Lost(pub(super) String);

/// Where news of a run come from.
#[allow(clippy::large_enum_variant, reason = "there is one in a program")]
pub(crate) enum Source {
    Directory(Directory),
    Server(Box<Server>),
}

impl Source {
    /// Opens the run at an address or in a directory.
    pub(crate) fn open(
        run: &str,
        which: Option<&str>,
        branch: Option<u32>,
        patience: Duration,
        bulk: bool,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        match Address::parse(run)? {
            Some(address) => {
                Ok(Self::Server(Box::new(Server::connect(address, which, patience, bulk)?)))
            }
            None => {
                let log = commands::open(Path::new(run), branch)?;
                Ok(Self::Directory(Directory::new(log, patience)?))
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<News, Lost> {
        match self {
            Self::Directory(directory) => directory.next(),
            Self::Server(server) => server.next(),
        }
    }
}
