//! The order of siblings, and which of them must move when it changes.

use std::cmp::Reverse;

use super::node::Id;
use super::sorted::Sorted;
use super::way::Key;

/// Place of a row among its siblings: other activity last, newest or highest first.
pub(super) type Place = (bool, Reverse<i64>, Reverse<Key>);

/// Under which parent a row came or moved, where it is, and where it was.
pub(super) type Moved = (Option<Id>, Place, Option<Place>);

/// The rows that must move so that the siblings, which are in their new order, come out of the old one: as few as can be. The others
/// are the longest chain that is in order already.
pub(super) fn movers(siblings: &Sorted<Place>, changed: &[Moved]) -> Vec<Place> {
    match changed {
        [(_, new, Some(old))] => {
            // What nearly every event asks: one row moves only if it passed a sibling.
            let passed = siblings.after(old.min(new)).is_some_and(|next| next < old.max(new));
            return if passed { vec![new.clone()] } else { Vec::new() };
        }
        _ if changed.iter().all(|(_, _, old)| old.is_none()) => return Vec::new(),
        _ => {}
    }
    let rows: Vec<(&Place, &Place)> = siblings
        .iter()
        .filter_map(|new| match changed.iter().find(|(_, place, _)| place == new) {
            Some((_, _, old)) => Some((new, old.as_ref()?)),
            None => Some((new, new)),
        })
        .collect();
    // Where the chain of each length ends that ends lowest, and what goes before each row in its chain.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(rows.len());
    for (at, (_, old)) in rows.iter().enumerate() {
        let length = ends.partition_point(|end| rows.get(*end).is_some_and(|(_, other)| other < old));
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stays = ends.pop();
    let mut moving = Vec::new();
    for (at, ((new, _), before)) in rows.iter().zip(&before).enumerate().rev() {
        if stays == Some(at) {
            stays = *before;
        } else {
            moving.push((*new).clone());
        }
    }
    moving
}
