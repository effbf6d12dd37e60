/**
 * Paging of lists. A page has at most the requested number of entries and, unless it is the last,
 * the cursor of the next page. A cursor holds the values that the list is ordered by, so the next
 * page starts right after the last entry, even when entries were added meanwhile.
 */
package io.naap.contracts.page;
