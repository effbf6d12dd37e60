/** Access tokens: signed, short-lived, and about one person or program acting for one tenant. */
package io.naap.auth.accesstoken;
