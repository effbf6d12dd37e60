/**
 * Lists that are answered in pages. A page has at most as many entries as were asked for and, while
 * there is more, the cursor of the next page. A cursor holds the values that the list is ordered
 * by, so a page begins right behind the last entry of the one before, whatever was added since.
 */
package io.naap.contracts.page;
