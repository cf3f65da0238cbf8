"""Words of the libraries that have no Russian of their own.

They are named here, and nowhere used, so that `make messages` keeps their translations.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

UNFOLD = [
    gettext_noop("Add new item"),
    gettext_noop("Add row"),
    gettext_noop("Add another %(model)s"),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
    gettext_noop("All applications"),
    gettext_noop("Apply Filters"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Click to cancel"),
    gettext_noop("Click to download"),
    gettext_noop("Dark"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("Expand row"),
    gettext_noop("False"),
    gettext_noop("Filters"),
    gettext_noop("From"),
    gettext_noop("General"),
    gettext_noop("Go back"),
    gettext_noop("Light"),
    gettext_noop("Loading more results..."),
    gettext_noop("More actions"),
    gettext_noop("Next"),
    gettext_noop("No data"),
    gettext_noop("No recent searches"),
    gettext_noop("No results found"),
    gettext_noop("No results matching your query"),
    gettext_noop("Previous"),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you "
        'can change the password using <a href="{}" class="text-primary-600 '
        'dark:text-primary-500">this form</a>.'
    ),
    gettext_noop("Recent searches"),
    gettext_noop("Reset filters"),
    gettext_noop("Return to site"),
    gettext_noop("Run"),
    gettext_noop("Search apps and models..."),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Select all rows"),
    gettext_noop("Select record"),
    gettext_noop("Select value"),
    gettext_noop("Submit"),
    gettext_noop("System"),
    gettext_noop("This item will be deleted."),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("Toggle password visibility"),
    gettext_noop("True"),
    gettext_noop("Type to search"),
    gettext_noop("Value"),
    gettext_noop("Welcome"),
    ngettext_lazy("entry", "entries"),
]
GUARDIAN = [
    gettext_noop("user object permission"),
    gettext_noop("user object permissions"),
    gettext_noop("group object permission"),
    gettext_noop("group object permissions"),
    gettext_noop("permission"),
    gettext_noop("content type"),
    gettext_noop("user"),
    gettext_noop("group"),
]
SECOND_FACTOR = [
    gettext_noop("authenticator"),
    gettext_noop("authenticators"),
    gettext_noop("type"),
    gettext_noop("created at"),
    gettext_noop("last used at"),
]
OUTBOX = [
    gettext_noop("created"),
    gettext_noop("last updated"),
    gettext_noop("number of retries"),
    gettext_noop("Scheduled Time"),
]
