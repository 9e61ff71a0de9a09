//! Sorted sets and tables in one piece of memory.
//!
//! A history holds some hundred rows: moving a few kilobytes is quicker than walking a tree's nodes or hashing a key, and the standard
//! library's trees and hash tables, once for each type, were a good part of the WebAssembly module.

use std::borrow::Borrow;
use std::collections::BinaryHeap;

/// Sorts what has no equal in it. The standard library's sorts choose between five ways for each type, which is worth several
/// kilobytes of module; a heap needs a few instructions.
pub(crate) fn sort<T: Ord>(values: &mut Vec<T>) {
    *values = BinaryHeap::from(std::mem::take(values)).into_sorted_vec();
}

/// A set in order.
#[derive(Debug, Clone)]
pub(crate) struct Sorted<T>(Vec<T>);

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Sorted(Vec::new())
    }
}

impl<T: Ord> Sorted<T> {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Whether it was not there before.
    pub(crate) fn insert(&mut self, value: T) -> bool {
        match self.0.binary_search(&value) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, value);
                true
            }
        }
    }

    pub(crate) fn remove(&mut self, value: &T) {
        if let Ok(at) = self.0.binary_search(value) {
            self.0.remove(at);
        }
    }

    pub(crate) fn pop_last(&mut self) -> Option<T> {
        self.0.pop()
    }

    /// All at once, which costs less than one by one.
    pub(crate) fn extend(&mut self, values: impl Iterator<Item = T>) {
        self.0.extend(values);
        sort(&mut self.0);
        self.0.dedup();
    }

    /// The next greater value.
    pub(crate) fn after(&self, value: &T) -> Option<&T> {
        self.0.get(self.0.partition_point(|other| other <= value))
    }
}

/// A map in order of its keys.
#[derive(Debug, Clone)]
pub(crate) struct Table<K, V>(Vec<(K, V)>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table(Vec::new())
    }
}

impl<K: Ord, V> Table<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.0.iter()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    fn at<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(other, _)| other.borrow().cmp(key))
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.at(key).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Puts a value in; one that has the key already stays.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if let Err(at) = self.at(&key) {
            self.0.insert(at, (key, value));
        }
    }

    /// Works on the value of `key`, made where there is none; a value that is `spent` afterwards goes.
    pub(crate) fn change<Q: Ord + ?Sized>(
        &mut self,
        key: &Q,
        own: impl FnOnce() -> K,
        change: impl FnOnce(&mut V),
        spent: impl FnOnce(&V) -> bool,
    ) where
        K: Borrow<Q>,
        V: Default,
    {
        let at = match self.at(key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (own(), V::default()));
                at
            }
        };
        if let Some((_, value)) = self.0.get_mut(at) {
            change(value);
            if spent(value) {
                self.0.remove(at);
            }
        }
    }

    /// Takes everything out, in order.
    pub(crate) fn take(&mut self) -> Vec<(K, V)> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_in_order_and_has_each_once() {
        let mut set = Sorted::default();
        for value in [3, 1, 2, 3, 1] {
            set.insert(value);
        }
        assert_eq!(
            (set.iter().copied().collect::<Vec<_>>(), set.insert(2)),
            (vec![1, 2, 3], false)
        );
        assert_eq!(
            (set.after(&1), set.after(&0), set.after(&3)),
            (Some(&2), Some(&1), None)
        );
        set.extend([5, 2, 4].into_iter());
        set.remove(&1);
        set.remove(&9);
        assert_eq!(set.pop_last(), Some(5));
        assert_eq!(set.iter().copied().collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn a_table_counts_and_forgets() {
        let mut table: Table<String, usize> = Table::default();
        let mut count = |key: &str, by: isize| {
            table.change(
                key,
                || key.to_owned(),
                |count| *count = count.saturating_add_signed(by),
                |count| *count == 0,
            )
        };
        for (key, by) in [("b", 1), ("a", 1), ("b", 1), ("a", -1), ("c", 1)] {
            count(key, by);
        }
        let names: Vec<&str> = table.keys().map(String::as_str).collect();
        assert_eq!((names, table.len()), (vec!["b", "c"], 2));
        assert_eq!((table.remove("b"), table.remove("a"), table.len()), (Some(2), None, 1));
    }
}
