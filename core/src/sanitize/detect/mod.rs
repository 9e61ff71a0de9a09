//! stub
use super::pattern::Fault;
#[derive(Debug)]
pub(super) struct Found {
    pub(super) detector: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}
#[derive(Debug)]
pub(super) struct Detectors;
#[derive(Debug)]
pub(super) struct HostDetector {
    pub id: String,
    pub after: Option<String>,
    pub pattern: String,
    pub entropy: f32,
}
impl Detectors {
    pub(super) fn shipped() -> &'static Detectors {
        &Detectors
    }
    pub(super) fn with(
        _host: Vec<HostDetector>,
        _switch: impl Fn(&str, bool) -> bool,
    ) -> Result<Detectors, (usize, Fault)> {
        Ok(Detectors)
    }
    pub(super) fn id(&self, _d: usize) -> &str {
        "value:github_pat"
    }
    pub(super) fn host(&self, _d: usize) -> Option<usize> {
        None
    }
    pub(super) fn ids() -> impl Iterator<Item = (&'static str, bool)> {
        [("value:github_pat", true)].into_iter()
    }
    pub(super) fn find(&self, text: &str, from: usize, accept: &dyn Fn(usize) -> bool) -> Option<Found> {
        let at = text.get(from..)?.find("ghp_")? + from;
        let n = text
            .get(at..)?
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        (n >= 20 && accept(0)).then_some(Found {
            detector: 0,
            start: at,
            end: at + n,
        })
    }
}
