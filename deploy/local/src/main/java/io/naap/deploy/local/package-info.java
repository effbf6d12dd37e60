/**
 * Runs the whole platform on one machine: stores, simulator, the five services as processes of
 * their own and one origin in front of them. What it starts it stops, also when it is interrupted;
 * what it stores survives in one folder.
 */
package io.naap.deploy.local;
