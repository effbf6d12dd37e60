/**
 * Creating, listing, changing and deleting API keys. A key of another tenant is answered like one
 * that does not exist. Keys are Panache entities; SQL by hand are the pages, because they control
 * which index is read and how far, and the count of a tenant's keys, whose check and change are one
 * statement.
 */
package io.naap.keys.apikey;
