/**
 * Requests of clients before anything is made of them: their bodies are read under limits of
 * memory, rate and time, and their text is looked over before it is parsed.
 */
package io.naap.router.http;
