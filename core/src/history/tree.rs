//! The rows as a tree, kept up to date by recomputing only what an entry touches.

use std::cmp::Reverse;
use std::sync::Arc;

use super::entry::{Entry, Kind};
use super::filter::{Filter, Ready};
use super::fold::{self, Clock, Span, Under};
use super::node::{Id, Node, Nodes, State};
use super::place::{Place, movers};
use super::row::{Content, Counts, Patch, PhaseFacet, Row, Status, Summary};
use super::sorted::{Sorted, Table, sort};
use super::way::{Key, What, way};

/// A row as the page has it.
#[derive(Debug)]
struct Published {
    parent: Key,
    content: Arc<Content>,
    place: Place,
}

#[derive(Debug)]
pub(crate) struct Tree {
    clock: Clock,
    filter: Ready,
    by_workspace: bool,
    nodes: Nodes,
    top: Vec<Id>,
    /// Nodes to recompute, deepest last.
    dirty: Sorted<(u8, Id)>,
    /// Keys that may differ from what is published.
    touched: Sorted<(u8, Key)>,
    published: Table<Key, Published>,
    /// The siblings that are shown, by parent.
    order: Table<Key, Sorted<Place>>,
    projects: Table<u64, usize>,
    phases: Table<(u64, u64), Vec<Id>>,
    agents: Table<String, usize>,
    workspaces: Table<String, usize>,
    /// By the run's key.
    run_agents: Table<Key, Table<String, usize>>,
    quarantined: usize,
    gaps: usize,
    leaves: usize,
    shown_leaves: usize,
}

impl Tree {
    pub(crate) fn new(clock: Clock, filter: Ready, by_workspace: bool) -> Self {
        Tree {
            clock,
            filter,
            by_workspace,
            nodes: Nodes::default(),
            top: Vec::new(),
            dirty: Sorted::default(),
            touched: Sorted::default(),
            published: Table::default(),
            order: Table::default(),
            projects: Table::default(),
            phases: Table::default(),
            agents: Table::default(),
            workspaces: Table::default(),
            run_agents: Table::default(),
            quarantined: 0,
            gaps: 0,
            leaves: 0,
            shown_leaves: 0,
        }
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter.filter
    }

    pub(crate) fn set_filter(&mut self, filter: Ready) {
        self.filter = filter;
        self.dirty
            .extend(self.nodes.iter().map(|(id, node)| (node.what.level(), id)));
    }

    /// Hangs an entry into the node that it speaks of, making the way there.
    pub(crate) fn attach(&mut self, entry: &Arc<Entry>) {
        let way = way(entry, self.by_workspace);
        let run = run_of(&way);
        let mut last = None;
        for (key, what) in way {
            last = Some(self.open(key, what, last));
        }
        increase(&mut self.workspaces, &entry.home);
        match entry.kind {
            Kind::Quarantined => self.quarantined += 1,
            Kind::Gap => self.gaps += 1,
            _ => {}
        }
        if let Some((id, node)) = last.and_then(|id| Some((id, self.nodes.get_mut(id)?))) {
            let at = node.members.partition_point(|other| order(other) < order(entry));
            node.members.insert(at, entry.clone());
            self.dirty.insert((node.what.level(), id));
        }
        if let Some(agent) = &entry.fields.agent_id {
            increase(&mut self.agents, agent);
            if let Some(run) = run {
                self.run_agents
                    .change(&*run, || run.clone(), |agents| increase(agents, agent), |_| false);
                self.dirty_run(&run);
            }
        }
    }

    /// Takes an entry out again, and every node that holds nothing any more.
    pub(crate) fn detach(&mut self, entry: &Entry) {
        let way = way(entry, self.by_workspace);
        let id = way.last().and_then(|(key, _)| self.nodes.find(key));
        decrease(&mut self.workspaces, &entry.home);
        match entry.kind {
            Kind::Quarantined => self.quarantined -= 1,
            Kind::Gap => self.gaps -= 1,
            _ => {}
        }
        if let Some((id, node)) = id.and_then(|id| Some((id, self.nodes.get_mut(id)?))) {
            node.members.retain(|other| other.audit_id != entry.audit_id);
            self.dirty.insert((node.what.level(), id));
            self.prune(id);
        }
        if let Some(agent) = &entry.fields.agent_id {
            decrease(&mut self.agents, agent);
            if let Some(run) = run_of(&way) {
                self.run_agents.change(
                    &*run,
                    || run.clone(),
                    |agents| decrease(agents, agent),
                    |agents| agents.len() == 0,
                );
                self.dirty_run(&run);
            }
        }
    }

    fn dirty_run(&mut self, run: &str) {
        if let Some((id, node)) = self.nodes.find(run).and_then(|id| Some((id, self.nodes.get(id)?))) {
            self.dirty.insert((node.what.level(), id));
        }
    }

    fn open(&mut self, key: Key, what: What, parent: Option<Id>) -> Id {
        if let Some(id) = self.nodes.find(&key) {
            return id;
        }
        let phase = match &what {
            What::Phase(_, project, phase) => Some((*project, *phase)),
            _ => None,
        };
        match &what {
            What::Project(_, project) => increase(&mut self.projects, project),
            What::Item | What::Call => self.leaves += 1,
            What::Workspace(_) | What::Phase(..) | What::Run(_) | What::Other(_) => {}
        }
        let id = self.nodes.insert(Node {
            key,
            what,
            parent,
            members: Vec::new(),
            children: Vec::new(),
            state: None,
        });
        if let Some(place) = phase {
            self.phases
                .change(&place, || place, |phases| phases.push(id), |_| false);
        }
        self.siblings(parent).push(id);
        id
    }

    fn prune(&mut self, mut id: Id) {
        while self
            .nodes
            .get(id)
            .is_some_and(|node| node.members.is_empty() && node.children.is_empty())
        {
            let Some(node) = self.nodes.remove(id) else { return };
            match &node.what {
                What::Project(_, project) => decrease(&mut self.projects, project),
                What::Phase(_, project, phase) => {
                    let place = (*project, *phase);
                    self.phases.change(
                        &place,
                        || place,
                        |phases| phases.retain(|other| *other != id),
                        Vec::is_empty,
                    );
                }
                What::Item | What::Call => self.leaves -= 1,
                What::Workspace(_) | What::Run(_) | What::Other(_) => {}
            }
            self.siblings(node.parent).retain(|other| *other != id);
            self.dirty.remove(&(node.what.level(), id));
            self.touched.insert((node.what.level(), node.key));
            let Some((parent, above)) = node.parent.and_then(|parent| Some((parent, self.nodes.get(parent)?))) else {
                return;
            };
            self.dirty.insert((above.what.level(), parent));
            id = parent;
        }
    }

    fn siblings(&mut self, parent: Option<Id>) -> &mut Vec<Id> {
        match parent.and_then(|id| self.nodes.get_mut(id)) {
            Some(node) => &mut node.children,
            None => &mut self.top,
        }
    }

    /// Brings every row up to date and says what changed on the page.
    pub(crate) fn settle(&mut self, now: i64) -> Vec<Patch> {
        if now != self.clock.now {
            self.clock.now = now;
            self.follow_clock();
        }
        while let Some((level, id)) = self.dirty.pop_last() {
            let Some(node) = self.nodes.get(id) else { continue };
            let state = self.compute(node);
            if node.state == state {
                continue;
            }
            self.touched.insert((level, node.key.clone()));
            if let Some((parent, above)) = node.parent.and_then(|parent| Some((parent, self.nodes.get(parent)?))) {
                self.dirty.insert((above.what.level(), parent));
            }
            if let Some(node) = self.nodes.get_mut(id) {
                node.state = state;
            }
        }
        self.publish()
    }

    /// Marks what the time alone changes.
    fn follow_clock(&mut self) {
        let Tree {
            clock,
            filter,
            nodes,
            dirty,
            ..
        } = self;
        for (id, node) in nodes.iter() {
            let Some(state) = &node.state else { continue };
            let (status, last) = match state.content.as_ref() {
                Content::Item(item) => (item.status, item.last_activity_at),
                Content::Phase(phase) => (phase.status, phase.last_activity_at),
                Content::Project(project) => (project.status, project.last_activity_at),
                Content::Call(call) => (Status::Completed, call.at),
                Content::Workspace(_) | Content::Run(_) | Content::Other(_) => continue,
            };
            let turns = match status {
                // A group that ended by falling silent is at work again when the clock goes back.
                Status::Completed | Status::Failed => {
                    !clock.is_silent(last) && matches!(node.what, What::Phase(..) | What::Project(..))
                }
                Status::Stalled => !clock.is_silent(last),
                Status::Started | Status::Progress => clock.is_silent(last),
            };
            let shows = || match state.content.as_ref() {
                Content::Item(item) => filter.item(item, clock.now),
                Content::Call(call) => filter.call(call, clock.now),
                Content::Phase(phase) if node.children.is_empty() => filter.empty_phase(node.home(), phase, clock.now),
                _ => state.shown,
            };
            if turns || (filter.follows_clock() && shows() != state.shown) {
                dirty.insert((node.what.level(), id));
            }
        }
    }

    fn compute(&self, node: &Node) -> Option<State> {
        let children = || {
            node.children
                .iter()
                .filter_map(|child| self.nodes.get(*child)?.state.as_ref())
        };
        let members = || node.members.iter().map(Arc::as_ref);
        let span = members()
            .map(Span::of)
            .chain(children().map(|child| child.span))
            .reduce(Span::join)?;
        let under = || {
            let mut under = Under::default();
            children().for_each(|child| under.add(&child.content));
            under
        };
        let now = self.clock.now;
        let any_shown = || !self.filter.active || children().any(|child| child.shown);
        let (content, first, shown) = match &node.what {
            What::Workspace(id) => {
                let under = children().map(|child| child.content.as_ref());
                let row = fold::workspace(id, under, span);
                (Content::Workspace(row), span.first, any_shown())
            }
            What::Run(id) => {
                let projects = children().filter_map(|child| match child.content.as_ref() {
                    Content::Project(project) => Some(project),
                    _ => None,
                });
                let agents = self.run_agents.get(&*node.key).map(names).unwrap_or_default();
                (
                    Content::Run(fold::run(id, projects, span, agents)),
                    span.first,
                    any_shown(),
                )
            }
            What::Project(run, project) => {
                let row = fold::project((run.clone(), *project), members(), under(), span, self.clock);
                (Content::Project(row), span.first, any_shown())
            }
            What::Phase(run, project, phase) => {
                let row = fold::phase((run.clone(), *project, *phase), members(), under(), span, self.clock);
                let shown = if node.children.is_empty() {
                    self.filter.empty_phase(node.home(), &row, now)
                } else {
                    any_shown()
                };
                (Content::Phase(row), i64::try_from(*phase).unwrap_or(i64::MAX), shown)
            }
            What::Item => {
                let row = fold::item(members(), span, self.clock);
                let shown = self.filter.item(&row, now);
                (Content::Item(Box::new(row)), span.first, shown)
            }
            What::Other(run) => {
                let calls = children().filter_map(|child| match child.content.as_ref() {
                    Content::Call(call) => Some(call.as_ref()),
                    _ => None,
                });
                (Content::Other(fold::other(run.clone(), calls, span)), 0, any_shown())
            }
            What::Call => {
                let row = fold::call(members().next()?);
                let shown = self.filter.call(&row, now);
                (Content::Call(Box::new(row)), span.first, shown)
            }
        };
        let place = (
            matches!(node.what, What::Other(_)),
            Reverse(first),
            Reverse(node.key.clone()),
        );
        Some(State {
            content: Arc::new(content),
            span,
            place,
            shown,
        })
    }

    fn publish(&mut self) -> Vec<Patch> {
        let mut removed = Vec::new();
        // With whether the row was there before.
        let mut placed: Vec<(u8, Key, Reverse<Place>, bool)> = Vec::new();
        let mut moved = Moved::default();
        let mut updated = Vec::new();
        for (_, key) in self.touched.take().into_iter().rev() {
            let node = self.nodes.find(&key).and_then(|id| self.nodes.get(id));
            let state = node.and_then(|node| node.state.as_ref()).filter(|state| state.shown);
            match (node.zip(state), self.published.get_mut(&*key)) {
                (Some((node, state)), None) => {
                    let parent = node
                        .parent
                        .and_then(|id| self.nodes.get(id))
                        .map(|node| node.key.clone())
                        .unwrap_or_default();
                    let (content, place) = (state.content.clone(), state.place.clone());
                    self.order.change(
                        &*parent,
                        || parent.clone(),
                        |siblings| {
                            siblings.insert(place.clone());
                        },
                        |_| false,
                    );
                    note(&mut moved, &parent, (place.clone(), None));
                    placed.push((self.depth(&parent), parent.clone(), Reverse(place.clone()), false));
                    self.shown_leaves += usize::from(is_leaf(&content));
                    self.published.insert(key, Published { parent, content, place });
                }
                (Some((_, state)), Some(row)) => {
                    if row.content != state.content {
                        row.content = state.content.clone();
                        updated.push(key.clone());
                    }
                    if row.place != state.place {
                        let old = std::mem::replace(&mut row.place, state.place.clone());
                        if let Some(siblings) = self.order.get_mut(&*row.parent) {
                            siblings.remove(&old);
                            siblings.insert(row.place.clone());
                        }
                        note(&mut moved, &row.parent, (row.place.clone(), Some(old)));
                    }
                }
                (None, Some(_)) => {
                    if let Some(row) = self.published.remove(&*key) {
                        if let Some(siblings) = self.order.get_mut(&*row.parent) {
                            siblings.remove(&row.place);
                            if siblings.is_empty() {
                                self.order.remove(&*row.parent);
                            }
                        }
                        self.shown_leaves -= usize::from(is_leaf(&row.content));
                    }
                    removed.push(Patch::Remove { key });
                }
                (None, None) => {}
            }
        }
        for (parent, moves) in moved.take() {
            let Some(siblings) = self.order.get(&*parent) else {
                continue;
            };
            for place in movers(siblings, &moves) {
                placed.push((self.depth(&parent), parent.clone(), Reverse(place), true));
            }
        }
        // Parents first; among siblings the last first, so that each finds the one that it goes before in its place.
        sort(&mut placed);
        let mut patches = removed;
        for (_, parent, Reverse(place), is_move) in placed {
            let (_, _, Reverse(key)) = &place;
            let siblings = self.order.get(&*parent);
            let next = siblings.and_then(|siblings| siblings.after(&place));
            let before = next.map(|(_, _, Reverse(key))| key.clone());
            if is_move {
                patches.push(Patch::Move {
                    key: key.clone(),
                    before,
                });
            } else if let Some(row) = self.row(key) {
                patches.push(Patch::Insert { before, row });
            }
        }
        patches.extend(
            updated
                .iter()
                .rev()
                .filter_map(|key| self.row(key))
                .map(|row| Patch::Update { row }),
        );
        patches
    }

    /// How far down the rows under this parent lie.
    fn depth(&self, parent: &Key) -> u8 {
        let node = self.nodes.find(parent).and_then(|id| self.nodes.get(id));
        node.map_or(0, |node| node.what.level() + 1)
    }

    fn row(&self, key: &Key) -> Option<Row> {
        let row = self.published.get(&**key)?;
        Some(Row {
            key: key.clone(),
            parent: row.parent.clone(),
            content: row.content.clone(),
        })
    }

    /// Everything that is shown, parents before what lies under them.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.published.len());
        let mut open: Vec<std::slice::Iter<'_, Place>> = Vec::new();
        open.extend(self.order.get("").map(Sorted::iter));
        while let Some(siblings) = open.last_mut() {
            let Some((_, _, Reverse(key))) = siblings.next() else {
                open.pop();
                continue;
            };
            rows.extend(self.row(key));
            open.extend(self.order.get(&**key).map(Sorted::iter));
        }
        rows
    }

    /// The counts and the choices; what concerns the records is the caller's.
    pub(crate) fn summary(&self) -> Summary {
        let mut counts = Counts::default();
        for node in self.top.iter().filter_map(|id| self.nodes.get(*id)) {
            match node.state.as_ref().map(|state| state.content.as_ref()) {
                Some(Content::Workspace(workspace)) => counts.add(&workspace.counts),
                Some(Content::Run(run)) => counts.add(&run.counts),
                Some(Content::Project(project)) => counts.add(&project.counts),
                _ => {}
            }
        }
        // Of several runs' names for one phase, the one of the greatest key: any would do, but always the same.
        let name = |phases: &[Id]| {
            let named = phases.iter().filter_map(|id| self.nodes.get(*id)).filter_map(|node| {
                match node.state.as_ref()?.content.as_ref() {
                    Content::Phase(phase) => Some((&node.key, phase.name.clone()?)),
                    _ => None,
                }
            });
            named.max().map(|(_, name)| name)
        };
        Summary {
            counts,
            rows: self.leaves,
            shown: self.shown_leaves,
            filtered: self.filter.active,
            quarantined: self.quarantined,
            gaps: self.gaps,
            workspaces: names(&self.workspaces),
            projects: self.projects.keys().copied().collect(),
            phases: self
                .phases
                .iter()
                .map(|((project, phase), nodes)| PhaseFacet {
                    project: *project,
                    phase: *phase,
                    name: name(nodes),
                })
                .collect(),
            agents: names(&self.agents),
            ..Summary::default()
        }
    }
}

fn names(counts: &Table<String, usize>) -> Vec<String> {
    counts.keys().cloned().collect()
}

/// The run on the way to a node.
fn run_of(way: &[(Key, What)]) -> Option<Key> {
    let run = way.iter().find(|(_, what)| matches!(what, What::Run(_)));
    run.map(|(key, _)| key.clone())
}

/// By parent: where each row is that came or moved, and where it was.
type Moved = Table<Key, Vec<(Place, Option<Place>)>>;

fn note(moved: &mut Moved, parent: &Key, change: (Place, Option<Place>)) {
    moved.change(&**parent, || parent.clone(), |moves| moves.push(change), |_| false);
}

fn is_leaf(content: &Content) -> bool {
    matches!(content, Content::Item(_) | Content::Call(_))
}

/// Place of an entry among its node's.
fn order(entry: &Entry) -> (i64, u8, &str) {
    (entry.timestamp, entry.kind.rank(), &entry.audit_id)
}

fn increase<K: Ord + Clone>(counts: &mut Table<K, usize>, key: &K) {
    counts.change(key, || key.clone(), |count| *count += 1, |_| false);
}

fn decrease<K: Ord + Clone>(counts: &mut Table<K, usize>, key: &K) {
    counts.change(
        key,
        || key.clone(),
        |count| *count = count.saturating_sub(1),
        |count| *count == 0,
    );
}
