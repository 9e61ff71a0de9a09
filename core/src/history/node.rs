//! The nodes of the tree, and what is computed of each.

use std::sync::Arc;

use super::entry::Entry;
use super::fold::Span;
use super::index::{Index, hash};
use super::place::Place;
use super::row::Content;
use super::sorted::{Sorted, Table};
use super::still::Still;
use super::way::{Key, What};

/// Where a node is.
pub(super) type Id = usize;

#[derive(Debug)]
pub(super) struct Node {
    pub(super) key: Key,
    pub(super) what: What,
    pub(super) parent: Option<Id>,
    /// By time, rank and id.
    pub(super) members: Vec<Arc<Entry>>,
    pub(super) children: Vec<Id>,
    /// Of a run: the agents of its entries, how many each has, and their names.
    pub(super) agents: Table<String, usize>,
    pub(super) agent_names: Arc<[String]>,
    pub(super) state: Option<State>,
    /// For how long the state is that, if nothing comes.
    pub(super) still: Still,
    /// The row as the page has it; none where it is not shown.
    pub(super) published: Option<Published>,
    /// The children that the page has.
    pub(super) order: Sorted<Place>,
}

/// A row as the page has it.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) content: Arc<Content>,
    pub(super) place: Place,
}

/// The nodes, each in a place of its own for as long as it lives: a parent walks over hundreds of children for every entry.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    places: Vec<Option<Node>>,
    free: Vec<Id>,
    ids: Index<Id>,
}

impl Nodes {
    pub(super) fn get(&self, id: Id) -> Option<&Node> {
        self.places.get(id)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Node> {
        self.places.get_mut(id)?.as_mut()
    }

    pub(super) fn find(&self, key: &str) -> Option<Id> {
        let is = |id: &Id| self.get(*id).is_some_and(|node| *node.key == *key);
        self.ids.find(hash(key), is).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Id, &Node)> {
        self.places
            .iter()
            .enumerate()
            .filter_map(|(id, node)| Some((id, node.as_ref()?)))
    }

    pub(super) fn insert(&mut self, node: Node) -> Id {
        let id = self.free.pop().unwrap_or(self.places.len());
        self.ids.insert(hash(&node.key), id);
        match self.places.get_mut(id) {
            Some(place) => *place = Some(node),
            None => self.places.push(Some(node)),
        }
        id
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<Node> {
        let node = self.places.get_mut(id)?.take()?;
        self.ids.remove(hash(&node.key), |other| *other == id);
        self.free.push(id);
        Some(node)
    }
}

impl Node {
    pub(super) fn new(key: Key, what: What, parent: Option<Id>) -> Self {
        Node {
            key,
            what,
            parent,
            members: Vec::new(),
            children: Vec::new(),
            agents: Table::default(),
            agent_names: Arc::default(),
            state: None,
            still: Still::ALWAYS,
            published: None,
            order: Sorted::default(),
        }
    }

    /// The workspace of a node that has entries of its own.
    pub(super) fn home(&self) -> &str {
        self.members.first().map_or("", |entry| entry.home())
    }
}

/// What is computed of a node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub(super) content: Arc<Content>,
    pub(super) span: Span,
    pub(super) place: Place,
    pub(super) shown: bool,
}
