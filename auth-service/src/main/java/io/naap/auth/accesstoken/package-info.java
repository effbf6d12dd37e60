/**
 * Access tokens: signed, valid for minutes, each for one person or service account acting for one
 * tenant.
 */
package io.naap.auth.accesstoken;
