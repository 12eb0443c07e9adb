package dev.stoker.ledger;

/**
 * A PostgreSQL database that all nodes share. Immutable; its text does not show the password.
 *
 * @param url such as {@code jdbc:postgresql://host/database}
 * @param user empty when the URL says it, and so is the password
 * @param connections for reading, at most; one more writes
 */
public record SharedStore(String url, String user, String password, int connections) {
  /** The URL without what follows the database's name: a password may be among it. */
  String address() {
    int query = url.indexOf('?');
    return query < 0 ? url : url.substring(0, query);
  }

  @Override
  public String toString() {
    return "SharedStore[" + address() + ", user=" + user + "]";
  }
}
