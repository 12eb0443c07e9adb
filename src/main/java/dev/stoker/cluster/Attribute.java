package dev.stoker.cluster;

import com.hazelcast.cluster.Member;
import dev.stoker.run.NodeId;
import java.util.Optional;

/** What a Hazelcast member says of itself while it joins, before any map is read. */
final class Attribute {
  /** The {@link NodeId}; Vert.x's member id too, which it wants under its own name. */
  static final String NODE = "stoker.node";

  static final String VERTX_NODE = "__vertx.nodeId";
  static final String WIRE = "stoker.wire";
  static final String VERSION = "stoker.version";

  private Attribute() {}

  /** Empty for a member that is no Stoker: an event-bus client. */
  static Optional<NodeId> node(Member member) {
    return Optional.ofNullable(member.getAttribute(NODE)).map(NodeId::parse);
  }
}
