/**
 * Real clusters under test: several Stoker JVMs that share a PostgreSQL or have none, on loopback
 * addresses or in network namespaces of their own, clients that keep a history of all they saw, a
 * nemesis that kills, pauses and cuts, and a checker that finds broken promises in what was seen.
 *
 * <p>The way in is {@link dev.stoker.nemesis.TestCluster}. Knows Stoker by its command line, its
 * configuration and HTTP alone.
 */
@NullMarked
package dev.stoker.nemesis;

import org.jspecify.annotations.NullMarked;
