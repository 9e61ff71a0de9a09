//! Tasktrail for the client side: validation, workspace identity and the Task History view model in WebAssembly.
