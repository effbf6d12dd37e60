/**
 * What is particular to OpenAI's API: the shapes of its answers, its events and its list of models.
 * Nothing of a gateway's error reaches a client.
 */
package io.naap.router.openai;
