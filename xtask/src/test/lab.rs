//! What several parts of the tests share: the builds, one MongoDB server, a folder.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;

use crate::build::Builder;
use crate::failure::Result;
use crate::mongo_server::MongoServer;
use crate::paths::{fresh_log, fresh_run_folder};
use crate::progress::step;
use crate::tools::{chromium, code_server, mongod};

#[derive(Debug)]
pub(crate) struct Lab<'a> {
    pub(crate) builder: &'a Builder,
    folder: PathBuf,
    mongo: RefCell<Option<MongoServer>>,
}

impl<'a> Lab<'a> {
    pub(crate) fn new(builder: &'a Builder) -> Result<Self> {
        Ok(Self {
            builder,
            folder: fresh_run_folder("test")?,
            mongo: RefCell::new(None),
        })
    }

    /// The address of a real MongoDB, without a database; the server runs from the first question to the end.
    pub(crate) fn mongo_url(&self) -> Result<String> {
        let mut slot = self.mongo.borrow_mut();
        if let Some(server) = slot.as_ref() {
            return Ok(server.url(""));
        }
        let server = step("Start MongoDB", || MongoServer::start(&self.mongod()?, &self.folder))?;
        Ok(slot.insert(server).url(""))
    }

    /// The server's binary, for tests that start one with settings of their own.
    pub(crate) fn mongod(&self) -> Result<PathBuf> {
        mongod::ensure(&fresh_log("mongod")?)
    }

    pub(crate) fn chromium(&self) -> Result<PathBuf> {
        step("Chromium", || chromium::ensure(&fresh_log("chromium")?))
    }

    /// The real VS Code workbench.
    pub(crate) fn code_server(&self) -> Result<PathBuf> {
        step("VS Code", || code_server::ensure(&fresh_log("code-server")?))
    }

    /// A fresh folder inside the run's.
    pub(crate) fn subfolder(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }
}

impl Drop for Lab<'_> {
    fn drop(&mut self) {
        drop(self.mongo.take());
        let _ = fs::remove_dir_all(&self.folder);
    }
}
