//! A server of a test's own, on a free loopback port, with its data in a folder that goes with it.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mongodb::Client;
use mongodb::bson::{Document, doc};

/// How long a server may take to come up on a machine under load.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Between the choice of a free port and its use somebody else may take it.
const ATTEMPTS: u32 = 3;

pub(super) struct Mongod {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Mongod {
    /// Starts the binary that `TASKTRAIL_TEST_MONGOD` names, with fail points, and with these arguments.
    pub(super) fn start(arguments: &[&str]) -> Option<Self> {
        let Ok(binary) = std::env::var("TASKTRAIL_TEST_MONGOD") else {
            eprintln!("skipped: TASKTRAIL_TEST_MONGOD names no binary");
            return None;
        };
        let started = (0..ATTEMPTS).find_map(|_| Self::start_once(&binary, arguments));
        Some(started.expect("mongod starts"))
    }

    fn start_once(binary: &str, arguments: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let process = Command::new(binary)
            .arg("--dbpath")
            .arg(folder.path())
            .args(["--port", &port.to_string(), "--bind_ip", "127.0.0.1", "--nounixsocket"])
            .args(["--wiredTigerCacheSizeGB", "0.25"])
            .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
            .args(["--setParameter", "enableTestCommands=1"])
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Mongod {
            process,
            port,
            _folder: folder,
        };
        let end = Instant::now() + START_LIMIT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if server.process.try_wait().unwrap().is_some() || Instant::now() > end {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    /// `login` is empty or `user:password@`.
    pub(super) fn url(&self, login: &str, database: &str, options: &str) -> String {
        format!("mongodb://{login}127.0.0.1:{}/{database}?{options}", self.port)
    }

    /// Runs a command on the database `admin`.
    pub(super) async fn admin(&self, login: &str, command: Document) -> Document {
        let client = Client::with_uri_str(self.url(login, "admin", "directConnection=true"))
            .await
            .unwrap();
        let answer = client.database("admin").run_command(command).await.unwrap();
        client.shutdown().immediate(true).await;
        answer
    }

    /// Has the next `times` commands of this name fail.
    pub(super) async fn fail(&self, times: i32, command: &str, how: Document) {
        let mut data = doc! { "failCommands": [command] };
        data.extend(how);
        let point = doc! { "configureFailPoint": "failCommand", "mode": { "times": times }, "data": data };
        self.admin("", point).await;
    }

    pub(super) async fn fail_no_more(&self) {
        self.admin("", doc! { "configureFailPoint": "failCommand", "mode": "off" })
            .await;
    }
}

impl Drop for Mongod {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
