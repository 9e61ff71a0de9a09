//! Tasktrail for Node: the native addon behind @tasktrail/node.
