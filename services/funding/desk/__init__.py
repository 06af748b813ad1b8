"""The auditor's desk: replay, the state as of a moment, the reasons behind a euro, a project's history, figures."""
