import { css } from 'lit';

/**
 * The element's own names for VS Code's colours, with fallbacks for pages outside it. They are set once, on `<task-history>`, and
 * inherited by everything inside; the second block hands them on to `@vscode-elements`, whose own fallbacks know only a dark theme.
 */
export const theme = css`
  :host {
    --f-bg: #ffffff;
    --f-fg: #3b3b3b;
    --f-strong: #1f1f1f;
    --f-muted: #616161;
    --f-border: #e5e5e5;
    --f-card: #fbfbfc;
    --f-hover: #f2f4f7;
    --f-focus: #005fb8;
    --f-link: #005fb8;
    --f-input-bg: #ffffff;
    --f-input-border: #cecece;
    --f-button-bg: #005fb8;
    --f-button-fg: #ffffff;
    --f-button-hover: #0258a8;
    --f-badge-bg: #e4e6ea;
    --f-badge-fg: #3b3b3b;
    --f-secondary-hover: #d5d8dd;
    --f-running: #0f6cbd;
    --f-done: #2f7d3b;
    --f-failed: #c72e0f;
    --f-stalled: #9a6700;
    --f-selected: #e8f1fb;
    --f-shadow: 0 1px 2px rgb(0 0 0 / 6%), 0 2px 8px rgb(0 0 0 / 4%);
    color-scheme: light dark;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --f-bg: #1f1f1f;
      --f-fg: #cccccc;
      --f-strong: #f0f0f0;
      --f-muted: #9d9d9d;
      --f-border: #333333;
      --f-card: #242425;
      --f-hover: #2d2e30;
      --f-focus: #2488db;
      --f-link: #4daafc;
      --f-input-bg: #313131;
      --f-input-border: #3c3c3c;
      --f-button-bg: #0078d4;
      --f-button-fg: #ffffff;
      --f-button-hover: #026ec1;
      --f-badge-bg: #3a3b3e;
      --f-badge-fg: #e0e0e0;
      --f-secondary-hover: #45464a;
      --f-running: #4daafc;
      --f-done: #73c991;
      --f-failed: #f88070;
      --f-stalled: #e2b93d;
      --f-selected: #16324a;
      --f-shadow: none;
    }
  }
  :host {
    --tt-font: var(--vscode-font-family, system-ui, -apple-system, 'Segoe UI', Roboto, Ubuntu, sans-serif);
    --tt-size: var(--vscode-font-size, 13px);
    --tt-mono: var(--vscode-editor-font-family, ui-monospace, SFMono-Regular, Menlo, Consolas, monospace);
    --tt-bg: var(--vscode-editor-background, var(--f-bg));
    --tt-fg: var(--vscode-foreground, var(--f-fg));
    --tt-strong: var(--vscode-foreground, var(--f-strong));
    --tt-muted: var(--vscode-descriptionForeground, var(--f-muted));
    --tt-border: var(--vscode-panel-border, var(--vscode-widget-border, var(--f-border)));
    --tt-card: var(--vscode-sideBar-background, var(--f-card));
    --tt-hover: var(--vscode-list-hoverBackground, var(--f-hover));
    --tt-focus: var(--vscode-focusBorder, var(--f-focus));
    --tt-link: var(--vscode-textLink-foreground, var(--f-link));
    --tt-badge-bg: var(--vscode-badge-background, var(--f-badge-bg));
    --tt-badge-fg: var(--vscode-badge-foreground, var(--f-badge-fg));
    --tt-running: var(--vscode-charts-blue, var(--f-running));
    --tt-done: var(--vscode-testing-iconPassed, var(--f-done));
    --tt-failed: var(--vscode-testing-iconFailed, var(--f-failed));
    --tt-stalled: var(--vscode-charts-yellow, var(--f-stalled));
    --tt-error-fg: var(--vscode-errorForeground, var(--f-failed));
    /* Charts and icons need less contrast than text does. */
    --tt-running-text: color-mix(in srgb, var(--tt-running) 60%, var(--tt-fg));
    --tt-failed-text: color-mix(in srgb, var(--tt-failed) 60%, var(--tt-fg));
    --tt-stalled-text: color-mix(in srgb, var(--tt-stalled) 55%, var(--tt-fg));
    --tt-error-text: color-mix(in srgb, var(--tt-error-fg) 60%, var(--tt-fg));
    --tt-fresh: var(
      --vscode-editor-findMatchHighlightBackground,
      color-mix(in srgb, var(--f-running) 22%, transparent)
    );
    --tt-contrast: var(--vscode-contrastBorder, transparent);
    --tt-widget-bg: var(--vscode-editorWidget-background, var(--f-bg));
    --tt-widget-border: var(--vscode-widget-border, var(--vscode-contrastBorder, var(--f-border)));
  }
`;

export const handOn = css`
  .page {
    --vscode-font-family: var(--tt-font);
    --vscode-font-size: var(--tt-size);
    --vscode-font-weight: normal;
    --vscode-foreground: var(--tt-fg);
    --vscode-focusBorder: var(--tt-focus);
    --vscode-settings-textInputBackground: var(--tt-input-bg);
    --vscode-settings-textInputForeground: var(--tt-fg);
    --vscode-settings-textInputBorder: var(--tt-input-border);
    --vscode-settings-dropdownBackground: var(--tt-input-bg);
    --vscode-settings-dropdownForeground: var(--tt-fg);
    --vscode-settings-dropdownBorder: var(--tt-input-border);
    --vscode-settings-dropdownListBorder: var(--tt-input-border);
    --vscode-list-hoverBackground: var(--tt-hover);
    --vscode-list-hoverForeground: var(--tt-fg);
    --vscode-list-activeSelectionBackground: var(--tt-selected-bg);
    --vscode-list-activeSelectionForeground: var(--tt-selected-fg);
    --vscode-input-placeholderForeground: var(--tt-placeholder);
    --vscode-button-background: var(--tt-button-bg);
    --vscode-button-foreground: var(--tt-button-fg);
    --vscode-button-hoverBackground: var(--tt-button-hover);
    --vscode-button-secondaryBackground: var(--tt-secondary-bg);
    --vscode-button-secondaryForeground: var(--tt-secondary-fg);
    --vscode-button-secondaryHoverBackground: var(--tt-secondary-hover);
    --vscode-button-border: var(--tt-contrast);
    --vscode-badge-background: var(--tt-badge-bg);
    --vscode-badge-foreground: var(--tt-badge-fg);
  }
  :host {
    --tt-input-bg: var(--vscode-settings-textInputBackground, var(--f-input-bg));
    --tt-input-border: var(--vscode-settings-textInputBorder, var(--f-input-border));
    --tt-selected-bg: var(--vscode-list-activeSelectionBackground, var(--f-selected));
    --tt-selected-fg: var(--vscode-list-activeSelectionForeground, var(--f-strong));
    --tt-placeholder: var(--vscode-input-placeholderForeground, var(--f-muted));
    --tt-button-bg: var(--vscode-button-background, var(--f-button-bg));
    --tt-button-fg: var(--vscode-button-foreground, var(--f-button-fg));
    --tt-button-hover: var(--vscode-button-hoverBackground, var(--f-button-hover));
    --tt-secondary-bg: var(--vscode-button-secondaryBackground, var(--f-badge-bg));
    --tt-secondary-fg: var(--vscode-button-secondaryForeground, var(--f-badge-fg));
    --tt-secondary-hover: var(--vscode-button-secondaryHoverBackground, var(--f-secondary-hover));
  }
`;

/** What every row and the page share. */
export const common = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  .icon {
    width: 16px;
    height: 16px;
    flex: none;
    display: block;
  }
  .spinner {
    color: var(--tt-running);
    /* In steps: a page full of spinners is not to cost sixty frames a second. */
    animation: spin 1.2s steps(16) infinite;
  }
  .icon.done {
    color: var(--tt-done);
  }
  .icon.failed {
    color: var(--tt-failed);
  }
  .icon.stalled {
    color: var(--tt-stalled);
  }
  .muted {
    color: var(--tt-muted);
  }
  .mono {
    font-family: var(--tt-mono);
    font-size: 0.92em;
  }
  .num {
    font-variant-numeric: tabular-nums;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @keyframes spin {
    to {
      transform: rotate(360deg);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
