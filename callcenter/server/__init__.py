"""The web toolkit: routes, errors, pages, i18n, health."""
