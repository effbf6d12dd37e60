/** What is particular to OpenAI's API. */
package io.naap.router.openai;
