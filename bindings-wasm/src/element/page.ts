// The page around the element: whose history it is comes from its address.
const workspace = new URLSearchParams(location.search).get('workspace')?.trim() ?? '';
const history = document.querySelector('task-history');
const name = document.querySelector('#workspace');

history?.setAttribute('workspace', workspace);
if (workspace && name) {
  name.textContent = workspace;
  document.title = `Task History · ${workspace}`;
}

export {};
