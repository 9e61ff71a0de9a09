//! Processes that share a store hear of each other's records: each record once, wherever it was written.
//!
//! Each trail stands for a process. MongoDB takes part when `TASKTRAIL_TEST_MONGODB` names a server.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;
#[cfg(feature = "mongodb")]
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tasktrail::Call;
use tasktrail::live::{After, Batch, Scope, Subscription};
use tasktrail::recorder::Timing;
use tasktrail::schema::Record;
use tasktrail::trail::{Builder, Options, Trail};

const LONG: Duration = Duration::from_secs(30);

/// Where the processes of a test keep their records.
struct Home {
    url: String,
    /// A MongoDB database, which has to go when the test is over.
    #[cfg(feature = "mongodb")]
    database: Option<String>,
    folder: tempfile::TempDir,
}

impl Home {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Home {
            url: format!("sqlite:{}", folder.path().join("audit.db").display()),
            #[cfg(feature = "mongodb")]
            database: None,
            folder,
        }
    }

    #[cfg(feature = "mongodb")]
    fn mongodb() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TASKTRAIL_TEST_MONGODB") else {
            eprintln!("skipped: TASKTRAIL_TEST_MONGODB names no server");
            return None;
        };
        let name = format!("tasktrail_feed_{}_{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let (base, options) = server.split_once('?').unwrap_or((&server, ""));
        let hosts = base.split("://").nth(1).unwrap().split('/').next().unwrap();
        Some(Home {
            url: format!("mongodb://{hosts}/{name}?{options}"),
            database: Some(name),
            folder: tempfile::tempdir().unwrap(),
        })
    }

    fn builder(&self) -> Builder {
        Trail::builder(&self.url).timing(timing())
    }

    fn end(self) {
        #[cfg(feature = "mongodb")]
        if let Some(name) = self.database {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let client = ::mongodb::Client::with_uri_str(&self.url).await.unwrap();
                client.database(&name).drop().await.unwrap();
            });
        }
        drop(self.folder);
    }
}

fn timing() -> Timing {
    Timing {
        feed_every: Duration::from_millis(25),
        adopt_every: Duration::from_millis(200),
        ..Timing::default()
    }
}

fn record(trail: &Trail, path: &str) {
    let call = Call {
        method: "POST".into(),
        path: path.into(),
        status: Some(201),
        workspace_id: Some("ws_feed".into()),
        ..Call::default()
    };
    trail.record(call, None);
}

/// Listens on one trail.
struct Ear {
    batches: Receiver<Batch>,
    _subscription: Subscription,
    /// How often each endpoint was heard of.
    heard: BTreeMap<String, usize>,
    /// Whether the feed is at work, after which nothing may be missed.
    is_sharp: bool,
}

impl Ear {
    fn on(trail: &Trail) -> Self {
        let (told, batches) = channel();
        let tell = move |batch| {
            // The test may have ended.
            let _ = told.send(batch);
        };
        let scope = Scope::workspace("ws_feed");
        Ear {
            batches,
            _subscription: trail.subscribe_with(&scope, &After::Now, tell).unwrap(),
            heard: BTreeMap::new(),
            is_sharp: false,
        }
    }

    /// Hears for a while, and no longer than until something is heard of that `is_it`.
    fn listen(&mut self, patience: Duration, is_it: impl Fn(&str) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        while !self.heard.keys().any(|path| is_it(path)) {
            let Ok(batch) = self
                .batches
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            else {
                return false;
            };
            assert!(batch.is_gapless() || !self.is_sharp, "{batch:?}");
            for entry in &batch.entries {
                let endpoint = Record::from_json(entry).unwrap().api_endpoint.unwrap();
                *self.heard.entry(endpoint).or_default() += 1;
            }
        }
        true
    }

    fn hear(&mut self, path: &str) {
        assert!(
            self.listen(LONG, |heard| heard == path),
            "{path} was not heard of, but {:?}",
            self.heard
        );
    }

    fn all_once(&mut self, paths: &[String]) {
        self.heard.retain(|path, _| !path.starts_with("/warm/"));
        let expected: BTreeMap<String, usize> = paths.iter().map(|path| (path.clone(), 1)).collect();
        assert_eq!(self.heard, expected);
    }
}

/// An ear on each trail, which hears what the others bring. A feed takes what was there before its first look as known, so
/// only what comes after that must be heard.
fn ears(trails: &[Trail]) -> Vec<Ear> {
    let mut ears: Vec<Ear> = trails.iter().map(Ear::on).collect();
    let deadline = Instant::now() + LONG;
    for (own, ear) in ears.iter_mut().enumerate() {
        let mut count = 0;
        loop {
            for (other, trail) in trails.iter().enumerate() {
                record(trail, &format!("/warm/{own}/{count}/by/{other}"));
            }
            count += 1;
            let is_foreign = |path: &str| path.starts_with("/warm/") && !path.ends_with(&format!("/{own}"));
            if ear.listen(Duration::from_millis(100), is_foreign) {
                break;
            }
            assert!(Instant::now() < deadline, "nothing was heard of");
        }
    }
    for (number, trail) in trails.iter().enumerate() {
        let path = format!("/warm/end/{number}");
        record(trail, &path);
        for ear in &mut ears {
            ear.hear(&path);
            ear.is_sharp = true;
        }
    }
    ears
}

fn each_hears_all_once(home: Home) {
    let trails: Vec<Trail> = (0..3).map(|_| home.builder().open_blocking().unwrap()).collect();
    let mut ears = ears(&trails);
    let mut paths = Vec::new();
    for round in 0..30 {
        for (number, trail) in trails.iter().enumerate() {
            let path = format!("/by/{number}/{round}");
            record(trail, &path);
            paths.push(path);
        }
        // Some together, some apart.
        if round % 10 == 0 {
            for trail in &trails {
                trail.flush_blocking(LONG).unwrap();
            }
        }
    }
    hear_all_once(&trails, &mut ears, paths);
    for trail in trails {
        trail.close_blocking(LONG).unwrap();
    }
    home.end();
}

fn hear_all_once(trails: &[Trail], ears: &mut [Ear], mut paths: Vec<String>) {
    for ear in &mut *ears {
        for path in &paths {
            ear.hear(path);
        }
    }
    // More looks of the feeds, up to a sign from each; whatever came twice has come by then.
    for (number, trail) in trails.iter().enumerate() {
        let path = format!("/sign/{number}");
        record(trail, &path);
        for ear in &mut *ears {
            ear.hear(&path);
        }
        paths.push(path);
    }
    for ear in ears {
        ear.all_once(&paths);
    }
}

/// Leaves records in a spool, as a process does that ends while its store is away.
fn leave_behind(spool: &Path, paths: &[String]) {
    let options = Options {
        degraded_start: true,
        open_timeout_ms: 50,
        ..Options::default()
    };
    // A folder is no database.
    let away = format!("sqlite:{}", spool.parent().unwrap().display());
    let trail = Trail::builder(away)
        .options(options)
        .spool(spool)
        .timing(timing())
        .open_blocking()
        .unwrap();
    for path in paths {
        record(&trail, path);
    }
    let stats = trail.close_blocking(LONG).unwrap();
    assert!(stats.ledger.spooled >= paths.len() as u64, "{:?}", stats.ledger);
}

fn what_is_adopted_is_heard_once_everywhere(home: Home) {
    let spool = home.folder.path().join("spool");
    let trails = [
        home.builder().spool(&spool).open_blocking().unwrap(),
        home.builder().open_blocking().unwrap(),
    ];
    let mut ears = ears(&trails);
    let paths: Vec<String> = (0..20).map(|number| format!("/left/{number}")).collect();
    leave_behind(&spool, &paths);
    hear_all_once(&trails, &mut ears, paths);
    let [adopter, other] = trails;
    assert!(adopter.stats().ledger.adopted >= 20);
    for trail in [adopter, other] {
        trail.close_blocking(LONG).unwrap();
    }
    home.end();
}

macro_rules! on_each_store {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[test]
            fn $test() {
                super::$test(super::Home::sqlite());
            })*
        }

        #[cfg(feature = "mongodb")]
        mod mongodb {
            $(#[test]
            fn $test() {
                if let Some(home) = super::Home::mongodb() {
                    super::$test(home);
                }
            })*
        }
    };
}

on_each_store! {
    each_hears_all_once
    what_is_adopted_is_heard_once_everywhere
}
