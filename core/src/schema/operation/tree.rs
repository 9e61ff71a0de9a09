//! Paths of rules as a tree of segments, in which a call's path finds the first rule for it, however many there are.

use super::path::{MAX_SEGMENTS, Path, Segment};

/// No rule, and no node.
pub(super) const NONE: u32 = u32::MAX;

/// Set of methods; the last bit stands for all that have no name here.
pub(super) type Methods = u8;
const METHODS: &[(&str, Methods)] = &[("POST", 1), ("PUT", 2), ("PATCH", 4), ("DELETE", 8)];
pub(super) const OTHER: Methods = 16;
const ALL: Methods = 31;

/// The bit of one method.
pub(super) fn method(name: &str) -> Methods {
    let known = METHODS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map_or(OTHER, |(_, bit)| *bit)
}

/// The set of methods, separated by spaces; all when there is none.
pub(super) fn methods(names: &str) -> Methods {
    let named = names.split(' ').filter(|name| !name.is_empty());
    match named.map(method).fold(0, |set, bit| set | bit) {
        0 => ALL,
        set => set,
    }
}

/// A rule where its path ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) methods: Methods,
    /// Its place in the order of rules.
    pub(super) rule: u32,
    /// Whether it says what a call is named.
    pub(super) names: bool,
    /// Whether it says how much of a call is kept.
    pub(super) levels: bool,
}

/// One place in the tree: the segments so far.
#[derive(Debug)]
struct Node {
    /// The node behind a parameter.
    parameter: u32,
    /// First rule at this node or below.
    least: u32,
    /// Rules whose path ends here.
    ends: Vec<End>,
    /// Rules whose path goes on with `*`.
    rests: Vec<End>,
}

/// The way from a node over a literal.
#[derive(Debug, Clone)]
struct Edge {
    from: u32,
    to: u32,
    hash: u32,
    literal: Box<str>,
}

/// All literal edges in one open hash table: one probe for a segment, however many siblings there are.
#[derive(Debug, Default)]
struct Edges {
    slots: Vec<Option<Edge>>,
    len: usize,
    longest: usize,
}

impl Edges {
    /// FNV-1a over node and lower-case text. Only literals of rules are ever stored, so nobody can make it crowded from outside.
    fn hash(from: u32, literal: &str) -> u32 {
        let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let start = from.to_le_bytes().into_iter().fold(0x811c_9dc5, step);
        let hash = literal.bytes().map(|byte| byte.to_ascii_lowercase()).fold(start, step);
        hash ^ (hash >> 15)
    }

    fn find(&self, from: u32, literal: &str) -> Option<u32> {
        if literal.len() > self.longest {
            return None;
        }
        let hash = Self::hash(from, literal);
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        // The table is never full, so there is an end.
        while let Some(Some(edge)) = self.slots.get(at) {
            if edge.hash == hash && edge.from == from && edge.literal.eq_ignore_ascii_case(literal) {
                return Some(edge.to);
            }
            at = (at + 1) & mask;
        }
        None
    }

    fn insert(&mut self, from: u32, literal: &str, to: u32) {
        if (self.len + 1) * 2 > self.slots.len() {
            let larger = vec![None; (self.slots.len() * 2).max(16)];
            let old = std::mem::replace(&mut self.slots, larger);
            for edge in old.into_iter().flatten() {
                self.place(edge);
            }
        }
        self.len += 1;
        self.longest = self.longest.max(literal.len());
        self.place(Edge {
            from,
            to,
            hash: Self::hash(from, literal),
            literal: literal.into(),
        });
    }

    fn place(&mut self, edge: Edge) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = edge.hash as usize & mask;
        while let Some(Some(_)) = self.slots.get(at) {
            at = (at + 1) & mask;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(edge);
        }
    }
}

/// The first rules that say what a call is named and how much of it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) naming: u32,
    /// Where the naming rule's path begins in the call's.
    pub(super) start: usize,
    pub(super) level: u32,
}

impl Found {
    pub(super) const NOTHING: Found = Found {
        naming: NONE,
        start: 0,
        level: NONE,
    };

    fn note(&mut self, ends: &[End], method: Methods, start: usize) {
        for end in ends.iter().filter(|end| end.methods & method != 0) {
            if end.names && end.rule < self.naming {
                (self.naming, self.start) = (end.rule, start);
            }
            if end.levels && end.rule < self.level {
                self.level = end.rule;
            }
        }
    }
}

/// The tree; its first node is the root.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    edges: Edges,
    has_levels: bool,
}

impl Tree {
    pub(super) fn new() -> Self {
        let mut tree = Tree {
            nodes: Vec::new(),
            edges: Edges::default(),
            has_levels: false,
        };
        tree.add_node();
        tree
    }

    /// Whether some rule says how much of a call is kept.
    pub(super) fn has_levels(&self) -> bool {
        self.has_levels
    }

    /// The first rules for a path, read from each of its beginnings.
    pub(super) fn find(&self, method: Methods, path: &Path<'_>) -> Found {
        let mut found = Found::NOTHING;
        for start in path.starts() {
            self.walk(method, path, *start, &mut found);
        }
        found
    }

    /// The first rules that take every call of a rule with these methods and this path.
    pub(super) fn takers(&self, methods: Methods, path: &Path<'_>) -> (Option<u32>, Option<u32>) {
        let (mut naming, mut level) = (Some(NONE), Some(NONE));
        for bit in (0..Methods::BITS)
            .map(|shift| 1 << shift)
            .filter(|bit| methods & bit != 0)
        {
            let found = self.find(bit, path);
            let least = |so_far: Option<u32>, rule: u32| so_far.map(|least| least.min(rule)).filter(|_| rule != NONE);
            naming = least(naming, found.naming);
            level = least(level, found.level);
        }
        (naming, level)
    }

    /// Visits every node that fits the path from `start` on; the tree has one way to each, so none is visited twice.
    fn walk(&self, method: Methods, path: &Path<'_>, start: usize, found: &mut Found) {
        // Each visit takes one place and needs two at most, so one more than there are segments is enough.
        let mut waiting = [(0_u32, 0_usize); MAX_SEGMENTS + 2];
        let mut len = 1;
        while len > 0 {
            len -= 1;
            let Some((node, at)) = waiting.get(len).copied() else {
                return;
            };
            let Some(place) = self.nodes.get(node as usize) else {
                continue;
            };
            if place.least >= found.naming && (!self.has_levels || place.least >= found.level) {
                continue;
            }
            let Some(segment) = path.segment(start + at) else {
                found.note(&place.ends, method, start);
                continue;
            };
            found.note(&place.rests, method, start);
            // A prefix is known by its name only.
            let is_prefix = start + at < path.start()
                && path
                    .text(start + at)
                    .is_some_and(|text| text.eq_ignore_ascii_case("api"));
            let literal = match segment {
                Segment::Text(text) => self.edges.find(node, text),
                Segment::Parameter(_) => None,
                Segment::Rest => continue,
            };
            let parameter = Some(place.parameter).filter(|to| *to != NONE && !is_prefix);
            for to in [parameter, literal].into_iter().flatten() {
                if let Some(slot) = waiting.get_mut(len) {
                    *slot = (to, at + 1);
                    len += 1;
                }
            }
        }
    }

    /// Adds a rule; rules come in order.
    pub(super) fn insert(&mut self, path: &Path<'_>, end: End) {
        self.has_levels |= end.levels;
        let mut node = 0;
        let mut at = 0;
        loop {
            if let Some(place) = self.nodes.get_mut(node as usize) {
                place.least = place.least.min(end.rule);
            }
            let segment = path.segment(at);
            let next = match segment {
                Some(Segment::Text(text)) => self.edges.find(node, text),
                Some(Segment::Parameter(_)) => {
                    let place = self.nodes.get(node as usize);
                    place.map(|place| place.parameter).filter(|next| *next != NONE)
                }
                Some(Segment::Rest) | None => break,
            };
            let next = next.unwrap_or_else(|| self.add_node());
            match segment {
                Some(Segment::Text(text)) if self.edges.find(node, text).is_none() => {
                    self.edges.insert(node, text, next)
                }
                Some(Segment::Parameter(_)) => {
                    if let Some(place) = self.nodes.get_mut(node as usize) {
                        place.parameter = next;
                    }
                }
                _ => {}
            }
            node = next;
            at += 1;
        }
        if let Some(place) = self.nodes.get_mut(node as usize) {
            let ends = if path.segment(at).is_some() {
                &mut place.rests
            } else {
                &mut place.ends
            };
            ends.push(end);
        }
    }

    fn add_node(&mut self) -> u32 {
        self.nodes.push(Node {
            parameter: NONE,
            least: NONE,
            ends: Vec::new(),
            rests: Vec::new(),
        });
        // The number of nodes is bounded by those of rules and of segments.
        self.nodes.len() as u32 - 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first rule that fits, found by asking one after the other.
    fn by_hand(rules: &[(String, Methods, bool)], method: Methods, path: &Path<'_>, names: bool) -> u32 {
        let fits = |rule: &str, start: usize| {
            let rule: Vec<&str> = rule.split('/').filter(|part| !part.is_empty()).collect();
            let texts = path.texts().get(start..).unwrap();
            let is_prefix = |at: usize| start + at < path.start() && texts[at].eq_ignore_ascii_case("api");
            let fits_one = |(at, part): (usize, &&str)| match texts.get(at) {
                Some(text) => part.starts_with(':') && !is_prefix(at) || part.eq_ignore_ascii_case(text),
                None => false,
            };
            match rule.split_last() {
                Some((&"*", before)) => texts.len() > before.len() && before.iter().enumerate().all(fits_one),
                _ => texts.len() == rule.len() && rule.iter().enumerate().all(fits_one),
            }
        };
        let found = rules.iter().position(|(rule, methods, rule_names)| {
            *rule_names == names && methods & method != 0 && path.starts().iter().any(|start| fits(rule, *start))
        });
        found.map_or(NONE, |at| at as u32)
    }

    fn segments(of: &'static str, most: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(of, 0..most).prop_map(|parts| format!("/{}", parts.join("/")))
    }

    proptest! {
        #[test]
        fn the_tree_finds_what_asking_each_rule_would(
            rules in prop::collection::vec((segments("(a|b|B|api|v1|:x|:x)", 5), prop::bool::ANY, 1_u8..32, prop::bool::ANY), 0..40),
            paths in prop::collection::vec(segments("(a|A|b|c|api|v1|7)", 7), 1..20),
        ) {
            let rules: Vec<_> = rules
                .into_iter()
                .map(|(path, rest, methods, names)| {
                    (if rest { format!("{}/*", path.trim_end_matches('/')) } else { path }, methods, names)
                })
                .collect();
            let mut tree = Tree::new();
            for (rule, (path, methods, names)) in rules.iter().enumerate() {
                let end = End { methods: *methods, rule: rule as u32, names: *names, levels: !names };
                tree.insert(&Path::new(path), end);
            }
            for path in paths {
                let path = Path::new(&path);
                for bit in [1, 2, 16] {
                    let found = tree.find(bit, &path);
                    prop_assert_eq!(found.naming, by_hand(&rules, bit, &path, true), "{:?}", path.texts());
                    prop_assert_eq!(found.level, by_hand(&rules, bit, &path, false), "{:?}", path.texts());
                }
            }
        }
    }

    #[test]
    fn methods_are_a_set() {
        assert_eq!(methods(""), ALL);
        assert_eq!(methods("POST  put"), 3);
        assert_eq!((method("delete"), method("GET"), method("")), (8, OTHER, OTHER));
    }
}
