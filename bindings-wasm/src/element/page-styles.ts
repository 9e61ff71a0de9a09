import { css } from 'lit';

/** The element around its rows. */
export const page = css`
  :host {
    display: block;
    height: 100%;
    min-height: 160px;
    background: var(--tt-bg);
    color: var(--tt-fg);
    font-family: var(--tt-font);
    font-size: var(--tt-size);
    line-height: 1.4;
  }
  :host([hidden]) {
    display: none;
  }
  .page {
    height: 100%;
    display: flex;
    flex-direction: column;
    container: history / inline-size;
  }
  header {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 10px;
    padding: 10px 16px;
    border-bottom: 1px solid var(--tt-border);
  }
  .states {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    order: 1;
  }
  .states button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    height: 26px;
    padding: 0 10px 0 7px;
    font: inherit;
    color: var(--tt-fg);
    background: transparent;
    border: 1px solid var(--tt-input-border);
    border-radius: 13px;
    cursor: pointer;
  }
  .states button:hover {
    background: var(--tt-hover);
  }
  .states button[aria-pressed='true'] {
    background: var(--tt-selected-bg);
    color: var(--tt-selected-fg);
    border-color: var(--tt-focus);
  }
  .states b {
    font-weight: 600;
    color: inherit;
  }
  .states .none {
    color: var(--tt-muted);
  }
  .states .none .icon {
    animation: none;
    opacity: 0.55;
  }
  :focus-visible {
    outline: 1px solid var(--tt-focus);
    outline-offset: 1px;
  }
  .right {
    order: 2;
    margin-left: auto;
    display: flex;
    align-items: center;
    gap: 10px;
  }
  .connection {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    white-space: nowrap;
    color: var(--tt-muted);
  }
  .dot {
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: var(--tt-muted);
  }
  .live .dot {
    background: var(--tt-done);
    box-shadow: 0 0 0 3px color-mix(in srgb, var(--tt-done) 25%, transparent);
  }
  .catching-up .dot,
  .connecting .dot {
    background: none;
    border: 2px solid var(--tt-running);
    border-right-color: transparent;
    width: 10px;
    height: 10px;
    animation: spin 1.2s steps(16) infinite;
  }
  .offline .dot {
    background: none;
    border: 2px solid var(--tt-failed);
  }
  .live {
    color: var(--tt-fg);
  }
  .filters {
    order: 3;
    flex: 1 0 100%;
    min-width: 0;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  vscode-textfield {
    flex: 1 1 180px;
    min-width: 140px;
    max-width: 420px;
  }
  vscode-textfield .icon {
    width: 14px;
    height: 14px;
    margin-left: 4px;
    color: var(--tt-muted);
  }
  select {
    height: 26px;
    max-width: 15em;
    padding: 0 22px 0 8px;
    font: inherit;
    color: var(--tt-fg);
    background-color: var(--tt-input-bg);
    border: 1px solid var(--tt-input-border);
    border-radius: 3px;
    appearance: none;
    background-image:
      linear-gradient(45deg, transparent 50%, currentColor 50%),
      linear-gradient(-45deg, transparent 50%, currentColor 50%);
    background-position:
      calc(100% - 12px) 11px,
      calc(100% - 8px) 11px;
    background-size: 4px 4px;
    background-repeat: no-repeat;
    text-overflow: ellipsis;
  }
  select:focus-visible {
    outline-offset: -1px;
  }
  option {
    background: var(--tt-input-bg);
    color: var(--tt-fg);
  }
  .shown {
    margin-left: auto;
    color: var(--tt-muted);
  }
  .toggle,
  .help {
    height: 26px;
    padding: 0 10px;
    font: inherit;
    color: var(--tt-fg);
    background: transparent;
    border: 1px solid var(--tt-input-border);
    border-radius: 3px;
    cursor: pointer;
    white-space: nowrap;
  }
  .toggle:hover,
  .help:hover {
    background: var(--tt-hover);
  }
  .toggle[aria-pressed='true'] {
    background: var(--tt-selected-bg);
    color: var(--tt-selected-fg);
    border-color: var(--tt-focus);
  }
  .help {
    width: 26px;
    padding: 0;
    border-radius: 13px;
    color: var(--tt-muted);
  }
  .end {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    color: var(--tt-muted);
  }
  .end input {
    height: 26px;
    padding: 0 6px;
    font: inherit;
    color: var(--tt-fg);
    background: var(--tt-input-bg);
    border: 1px solid var(--tt-input-border);
    border-radius: 3px;
    color-scheme: inherit;
  }
  .saved {
    padding: 0 6px;
    border: 1px solid var(--tt-stalled);
    border-radius: 3px;
    color: var(--tt-fg);
  }
  /* Over the rows and not among them, so that it moves none of them. */
  .unseen {
    position: sticky;
    z-index: 1;
    top: 0;
    height: 0;
    display: flex;
    justify-content: center;
  }
  .unseen button {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    height: 26px;
    padding: 0 12px 0 8px;
    font: inherit;
    color: var(--tt-button-fg);
    background: var(--tt-button-bg);
    border: 1px solid var(--tt-contrast);
    border-radius: 13px;
    box-shadow: 0 2px 8px rgb(0 0 0 / 25%);
    cursor: pointer;
  }
  .unseen button:hover {
    background: var(--tt-button-hover);
  }
  .unseen button:focus-visible {
    outline-offset: 2px;
  }
  main {
    position: relative;
    flex: 1 1 auto;
    min-height: 0;
    overflow: auto;
    padding: 12px 16px 24px;
    overflow-anchor: auto;
  }
  .tree {
    max-width: 1180px;
    margin: 0 auto;
  }
  .past {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 6px 12px;
    margin: 14px auto 0;
    color: var(--tt-muted);
  }
  .message {
    max-width: 34em;
    margin: 12vh auto 0;
    padding: 0 16px;
    text-align: center;
    color: var(--tt-muted);
  }
  .message h2 {
    margin: 14px 0 6px;
    font-size: 1.2em;
    font-weight: 600;
    color: var(--tt-strong);
  }
  .message p {
    margin: 0 0 14px;
  }
  .message > .icon {
    width: 40px;
    height: 40px;
    margin: 0 auto;
  }
  .message > .icon.spinner {
    width: 28px;
    height: 28px;
  }
  .message > .icon.warning {
    color: var(--tt-stalled);
  }
  .notice {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 6px 16px;
    border-bottom: 1px solid var(--tt-border);
    background: var(--tt-card);
  }
  .notice .icon {
    color: var(--tt-stalled);
  }
  .notice vscode-button {
    margin-left: auto;
  }
  code {
    font-family: var(--tt-mono);
    font-size: 0.92em;
    overflow-wrap: anywhere;
  }
  [hidden] {
    display: none !important;
  }
  @container history (max-width: 560px) {
    header {
      padding: 8px;
      gap: 6px 8px;
    }
    .states .none,
    /* The key does the same. */
    .help,
    .ago,
    .through {
      display: none;
    }
    .states button {
      height: 24px;
    }
    vscode-textfield {
      flex-basis: 100%;
      max-width: 100%;
    }
    select {
      flex: 1 1 6em;
      min-width: 0;
    }
    main {
      padding: 8px 6px 16px;
    }
  }
`;
