//! The rows as a tree, kept up to date by recomputing only what an entry touches.

use std::cmp::Reverse;
use std::sync::Arc;

use super::entry::{Entry, Kind};
use super::filter::{Filter, Ready};
use super::fold::{self, Clock, Span, Under};
use super::node::{Id, Node, Nodes, Published, State};
use super::place::{Moved, Place, movers};
use super::row::{Choices, Content, Counts, Patch, PhaseFacet, Row, Summary};
use super::sorted::{Sorted, Table, sort};
use super::still::Still;
use super::way::{Key, Way, What};

#[derive(Debug)]
pub(crate) struct Tree {
    clock: Clock,
    filter: Ready,
    by_workspace: bool,
    nodes: Nodes,
    top: Vec<Id>,
    /// Nodes to recompute, deepest last.
    dirty: Sorted<(u8, Id)>,
    /// What the page has of nodes that are no more, and how far down.
    gone: Table<Key, (u8, Published)>,
    /// The top rows that the page has.
    order: Sorted<Place>,
    /// For how long the clock alone changes no state. As far as is known: a scan of all nodes finds out more.
    still: Still,
    projects: Table<u64, usize>,
    phases: Table<(u64, u64), Vec<Id>>,
    agents: Table<String, usize>,
    workspaces: Table<String, usize>,
    choices: Arc<Choices>,
    /// Whether there may be others since.
    choices_stale: bool,
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
            gone: Table::default(),
            order: Sorted::default(),
            still: Still::ALWAYS,
            projects: Table::default(),
            phases: Table::default(),
            agents: Table::default(),
            workspaces: Table::default(),
            choices: Arc::default(),
            choices_stale: false,
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

    /// Hangs an entry into the node that it speaks of, making the way there, and says which that is.
    pub(crate) fn attach(&mut self, entry: &Arc<Entry>) -> Option<Id> {
        let way = Way::of(entry, self.by_workspace);
        let id = match self.nodes.find(way.end()) {
            Some(id) => id,
            None => way.keys().fold(None, |parent, (key, step)| {
                let known = self.nodes.find(key);
                known.or_else(|| Some(self.open(key.into(), step.what(entry), parent)))
            })?,
        };
        self.choices_stale |= increase(&mut self.workspaces, entry.home());
        match entry.kind {
            Kind::Quarantined => self.quarantined += 1,
            Kind::Gap => self.gaps += 1,
            _ => {}
        }
        if let Some(node) = self.nodes.get_mut(id) {
            let at = node.members.partition_point(|other| order(other) < order(entry));
            node.members.insert(at, entry.clone());
            self.dirty.insert((node.what.level(), id));
        }
        if let Some(agent) = &entry.fields.agent_id {
            self.choices_stale |= increase(&mut self.agents, agent.as_str());
            self.change_run(id, |agents| increase(agents, agent.as_str()));
        }
        Some(id)
    }

    /// Takes an entry out of its node again, and every node that holds nothing any more.
    pub(crate) fn detach(&mut self, entry: &Arc<Entry>, id: Id) {
        self.choices_stale |= decrease(&mut self.workspaces, entry.home());
        match entry.kind {
            Kind::Quarantined => self.quarantined -= 1,
            Kind::Gap => self.gaps -= 1,
            _ => {}
        }
        if let Some(agent) = &entry.fields.agent_id {
            self.choices_stale |= decrease(&mut self.agents, agent.as_str());
            self.change_run(id, |agents| decrease(agents, agent.as_str()));
        }
        if let Some(node) = self.nodes.get_mut(id) {
            node.members.retain(|other| !Arc::ptr_eq(other, entry));
            self.dirty.insert((node.what.level(), id));
            self.prune(id);
        }
    }

    /// Changes who is at work in the run that a node lies under.
    fn change_run(&mut self, mut id: Id, change: impl FnOnce(&mut Table<String, usize>) -> bool) {
        while let Some(node) = self.nodes.get_mut(id) {
            if let What::Run(_) = node.what {
                if change(&mut node.agents) {
                    node.agent_names = node.agents.keys().cloned().collect();
                    self.dirty.insert((node.what.level(), id));
                }
                return;
            }
            match node.parent {
                Some(parent) => id = parent,
                None => return,
            }
        }
    }

    fn open(&mut self, key: Key, what: What, parent: Option<Id>) -> Id {
        match &what {
            What::Project(_, project) => self.choices_stale |= increase(&mut self.projects, project),
            What::Item | What::Call => self.leaves += 1,
            What::Workspace(_) | What::Phase(..) | What::Run(_) | What::Other(_) => {}
        }
        let phase = match &what {
            What::Phase(_, project, phase) => Some((*project, *phase)),
            _ => None,
        };
        let mut node = Node::new(key, what, parent);
        // It was there until a moment ago, so the page has it still.
        if let Some((_, published)) = self.gone.remove(&*node.key) {
            self.shown_under(parent).insert(published.place.clone());
            node.published = Some(published);
        }
        let id = self.nodes.insert(node);
        if let Some(place) = phase {
            self.choices_stale = true;
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
                What::Project(_, project) => self.choices_stale |= decrease(&mut self.projects, project),
                What::Phase(_, project, phase) => {
                    let place = (*project, *phase);
                    self.choices_stale = true;
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
            if let Some(published) = node.published {
                self.shown_under(node.parent).remove(&published.place);
                self.gone.insert(node.key, (node.what.level(), published));
            }
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

    /// The children of a node that the page has.
    fn shown_under(&mut self, parent: Option<Id>) -> &mut Sorted<Place> {
        match parent.and_then(|id| self.nodes.get_mut(id)) {
            Some(node) => &mut node.order,
            None => &mut self.order,
        }
    }

    /// Brings every row up to date and says what changed on the page.
    pub(crate) fn settle(&mut self, now: i64) -> Vec<Patch> {
        self.clock.now = now;
        if !self.still.holds(now) {
            self.follow_clock();
        }
        // Parents after what lies under them.
        let mut touched = Vec::new();
        while let Some((_, id)) = self.dirty.pop_last() {
            let Some(node) = self.nodes.get(id) else { continue };
            let state = self.compute(node);
            let still = self.still_of(node, state.as_ref());
            let changed = node.state != state;
            let parent = node.parent;
            self.still.join(still);
            if changed {
                touched.push(id);
                if let Some((parent, above)) = parent.and_then(|parent| Some((parent, self.nodes.get(parent)?))) {
                    self.dirty.insert((above.what.level(), parent));
                }
            }
            if let Some(node) = self.nodes.get_mut(id) {
                node.still = still;
                if changed {
                    let old = std::mem::replace(&mut node.state, state);
                    self.choices_stale |= phase_name(old.as_ref()) != phase_name(node.state.as_ref());
                }
            }
        }
        self.publish(&touched)
    }

    /// Marks what the time alone changes.
    fn follow_clock(&mut self) {
        self.still = Still::ALWAYS;
        for (id, node) in self.nodes.iter() {
            if node.still.holds(self.clock.now) {
                self.still.join(node.still);
            } else {
                self.dirty.insert((node.what.level(), id));
            }
        }
    }

    /// For how long a state is what it is, if nothing comes.
    fn still_of(&self, node: &Node, state: Option<&State>) -> Still {
        let mut still = Still::ALWAYS;
        let Some(state) = state else { return still };
        let (stalls, ages) = match state.content.as_ref() {
            Content::Item(item) => (!item.status.is_terminal(), true),
            // One that ended by falling silent is at work again when the clock goes back.
            Content::Phase(_) => (true, node.children.is_empty()),
            Content::Project(_) => (true, false),
            Content::Call(_) => (false, true),
            Content::Workspace(_) | Content::Run(_) | Content::Other(_) => (false, false),
        };
        let Clock { now, stalled_after } = self.clock;
        if stalls {
            still.turn(state.span.last.saturating_add(stalled_after), now);
        }
        if let Some(within) = self.filter.filter.within_ms.filter(|_| ages) {
            still.turn(state.span.last.saturating_add(within), now);
        }
        still
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
                let row = fold::run(id, projects, span, node.agent_names.clone());
                (Content::Run(row), span.first, any_shown())
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

    fn publish(&mut self, touched: &[Id]) -> Vec<Patch> {
        let mut removed: Vec<(u8, Key)> = Vec::new();
        for (key, (level, published)) in self.gone.take() {
            self.shown_leaves -= usize::from(is_leaf(&published.content));
            removed.push((level, key));
        }
        // With how far down it lies, and whether it was there before.
        let mut placed: Vec<(u8, Option<Id>, Reverse<Place>, bool)> = Vec::new();
        let mut moved: Vec<Moved> = Vec::new();
        let mut updated = Vec::new();
        for id in touched {
            let Some(node) = self.nodes.get_mut(*id) else { continue };
            let (parent, level) = (node.parent, node.what.level());
            let shown = node.state.as_ref().filter(|state| state.shown);
            match (shown, &mut node.published) {
                (Some(state), published @ None) => {
                    let (content, place) = (state.content.clone(), state.place.clone());
                    self.shown_leaves += usize::from(is_leaf(&content));
                    *published = Some(Published {
                        content,
                        place: place.clone(),
                    });
                    self.shown_under(parent).insert(place.clone());
                    moved.push((parent, place.clone(), None));
                    placed.push((self.depth(parent), parent, Reverse(place), false));
                }
                (Some(state), Some(row)) => {
                    if !Arc::ptr_eq(&row.content, &state.content) {
                        let was = std::mem::replace(&mut row.content, state.content.clone());
                        if was != row.content {
                            updated.push((*id, was));
                        }
                    }
                    if row.place != state.place {
                        let place = state.place.clone();
                        let old = std::mem::replace(&mut row.place, place.clone());
                        let siblings = self.shown_under(parent);
                        siblings.remove(&old);
                        siblings.insert(place.clone());
                        moved.push((parent, place, Some(old)));
                    }
                }
                (None, published) => {
                    if let Some(row) = published.take() {
                        let key = node.key.clone();
                        self.shown_under(parent).remove(&row.place);
                        self.shown_leaves -= usize::from(is_leaf(&row.content));
                        removed.push((level, key));
                    }
                }
            }
        }
        sort(&mut moved);
        for moves in moved.chunk_by(|(one, ..), (other, ..)| one == other) {
            let Some((parent, ..)) = moves.first() else { continue };
            for place in movers(self.shown_under(*parent), moves) {
                placed.push((self.depth(*parent), *parent, Reverse(place), true));
            }
        }
        // What lies under a row goes before it does.
        sort(&mut removed);
        let mut patches: Vec<Patch> = removed
            .into_iter()
            .rev()
            .map(|(_, key)| Patch::Remove { key })
            .collect();
        // Parents first; among siblings the last first, so that each finds the one that it goes before in its place.
        sort(&mut placed);
        for (_, parent, Reverse(place), is_move) in placed {
            let next = self.shown_under(parent).after(&place);
            let before = next.map(|(_, _, Reverse(key))| key.clone());
            let (_, _, Reverse(key)) = place;
            if is_move {
                patches.push(Patch::Move { key, before });
            } else if let Some(row) = self.nodes.find(&key).and_then(|id| self.row(id)) {
                patches.push(Patch::Insert { before, row });
            }
        }
        // Parents first here too.
        patches.extend(updated.into_iter().rev().filter_map(|(id, was)| {
            Some(Patch::Update {
                row: self.row(id)?,
                was,
            })
        }));
        patches
    }

    /// How far down the rows under this parent lie.
    fn depth(&self, parent: Option<Id>) -> u8 {
        let parent = parent.and_then(|id| self.nodes.get(id));
        parent.map_or(0, |parent| parent.what.level() + 1)
    }

    fn row(&self, id: Id) -> Option<Row> {
        let node = self.nodes.get(id)?;
        let parent = node.parent.and_then(|id| self.nodes.get(id));
        Some(Row {
            key: node.key.clone(),
            parent: parent.map(|parent| parent.key.clone()).unwrap_or_default(),
            content: node.published.as_ref()?.content.clone(),
        })
    }

    /// Everything that is shown, parents before what lies under them.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut open = vec![self.order.iter()];
        while let Some(siblings) = open.last_mut() {
            let Some((_, _, Reverse(key))) = siblings.next() else {
                open.pop();
                continue;
            };
            if let Some(id) = self.nodes.find(key) {
                rows.extend(self.row(id));
                open.extend(self.nodes.get(id).map(|node| node.order.iter()));
            }
        }
        rows
    }

    /// The counts; what concerns the records is the caller's.
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
        Summary {
            counts,
            rows: self.leaves,
            shown: self.shown_leaves,
            filtered: self.filter.active,
            quarantined: self.quarantined,
            gaps: self.gaps,
            ..Summary::default()
        }
    }

    /// What a filter can choose from, as of the last time that the rows were brought up to date.
    pub(crate) fn choices(&self) -> &Arc<Choices> {
        &self.choices
    }

    /// Brings the choices up to date; gives them where they are others than before.
    pub(crate) fn renew_choices(&mut self) -> Option<Arc<Choices>> {
        if !std::mem::take(&mut self.choices_stale) {
            return None;
        }
        // Of several runs' names for one phase, the one of the greatest key: any would do, but always the same.
        let name = |phases: &[Id]| {
            let nodes = phases.iter().filter_map(|id| self.nodes.get(*id));
            let named = nodes.filter_map(|node| Some((&node.key, phase_name(node.state.as_ref())?)));
            named.max().map(|(_, name)| name.to_owned())
        };
        let choices = Choices {
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
        };
        if choices == *self.choices {
            return None;
        }
        self.choices = Arc::new(choices);
        Some(self.choices.clone())
    }
}

fn names(counts: &Table<String, usize>) -> Vec<String> {
    counts.keys().cloned().collect()
}

fn phase_name(state: Option<&State>) -> Option<&str> {
    match state?.content.as_ref() {
        Content::Phase(phase) => phase.name.as_deref(),
        _ => None,
    }
}

fn is_leaf(content: &Content) -> bool {
    matches!(content, Content::Item(_) | Content::Call(_))
}

/// Place of an entry among its node's.
fn order(entry: &Entry) -> (i64, u8, &str) {
    (entry.timestamp, entry.kind.rank(), &entry.audit_id)
}

/// Whether there was none before.
fn increase<Q: Ord + ToOwned + ?Sized>(counts: &mut Table<Q::Owned, usize>, key: &Q) -> bool
where
    Q::Owned: Ord,
{
    let before = counts.len();
    counts.change(key, || key.to_owned(), |count| *count += 1, |_| false);
    counts.len() != before
}

/// Whether there is none any more.
fn decrease<Q: Ord + ToOwned + ?Sized>(counts: &mut Table<Q::Owned, usize>, key: &Q) -> bool
where
    Q::Owned: Ord,
{
    let before = counts.len();
    counts.change(
        key,
        || key.to_owned(),
        |count| *count = count.saturating_sub(1),
        |count| *count == 0,
    );
    counts.len() != before
}
