#!/usr/bin/env python3
"""Writes Stoker's dashboard for Grafana: dashboard.py > stoker.json. A test holds the two equal.

A panel is one line below; what all panels have in common is said once here. Grafana reads the JSON
only, and needs nothing of this.
"""
import json

RUNBOOKS = "https://stoker.example/runbooks"
SOURCE = {"type": "prometheus", "uid": "${source}"}
# What the variables of the dashboard leave over. An empty label matches .* too.
NODE = 'job="stoker",cluster=~"$cluster",namespace=~"$namespace",instance=~"$instance"'
TOOL = NODE + ',tool=~"$tool"'
CLUSTER = 'cluster=~"$cluster",namespace=~"$namespace"'

ids = iter(range(1, 1000))


def rate(metric, labels=NODE, by="", window="$__rate_interval"):
    grouped = f"sum by ({by})" if by else "sum"
    return f"{grouped} (rate({metric}{{{labels}}}[{window}]))"


def quantile(q, metric, labels=TOOL, by="tool"):
    return f"histogram_quantile({q}, {rate(metric + '_bucket', labels, by + ', le')})"


def target(number, query, legend, exemplar=False, instant=False, heatmap=False):
    return {
        "refId": chr(ord("A") + number),
        "datasource": SOURCE,
        "expr": query,
        "legendFormat": legend,
        "exemplar": exemplar,
        "instant": instant,
        "range": not instant,
        "format": "heatmap" if heatmap else "table" if instant else "time_series",
        "editorMode": "code",
    }


def panel(kind, title, says, queries, width, options, defaults, runbook=None, exemplar=False):
    instant = kind == "table"
    return {
        "id": next(ids),
        "type": kind,
        "title": title,
        "description": says,
        "datasource": SOURCE,
        "gridPos": {"h": 4 if kind == "stat" else 8, "w": width, "x": 0, "y": 0},
        "targets": [
            target(i, query, legend, exemplar, instant, kind == "heatmap")
            for i, (query, legend) in enumerate(queries)
        ],
        "options": options,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "links": [link("Runbook: " + name, f"{RUNBOOKS}/{name}.md") for name in runbook or []],
    }


def link(title, url):
    return {
        "title": title, "url": url, "type": "link", "icon": "doc", "tooltip": "", "tags": [],
        "asDropdown": False, "targetBlank": True, "includeVars": False, "keepTime": False,
    }


def steps(*above):
    """Green, then a colour from each value on."""
    return {"mode": "absolute", "steps": [{"value": None, "color": "green"}] + [
        {"value": value, "color": color} for value, color in above]}


def graph(title, says, queries, unit="short", width=12, runbook=None, exemplar=False, stacked=False, top=None):
    defaults = {
        "unit": unit,
        "min": 0,
        "color": {"mode": "palette-classic"},
        "custom": {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 20 if stacked else 5,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        },
    }
    if top is not None:
        defaults["max"] = top
    options = {
        "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return panel("timeseries", title, says, queries, width, options, defaults, runbook, exemplar)


def number(title, says, query, unit="short", thresholds=None, runbook=None, width=4):
    defaults = {"unit": unit, "color": {"mode": "thresholds"}, "thresholds": thresholds or steps()}
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "orientation": "auto",
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "textMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    }
    return panel("stat", title, says, [(query, "")], width, options, defaults, runbook)


def heat(title, says, metric, width=12, runbook=None):
    options = {
        "calculate": False,
        "cellGap": 1,
        "color": {"mode": "scheme", "scheme": "Oranges", "fill": "dark-orange", "exponent": 0.5,
                  "scale": "exponential", "steps": 64, "reverse": False},
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "legend": {"show": True},
        "showValue": "never",
        "tooltip": {"mode": "single", "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "unit": "s"},
        "rowsFrame": {"layout": "auto"},
        "filterValues": {"le": 1e-9},
    }
    queries = [(rate(metric + "_bucket", TOOL, "le"), "{{le}}")]
    return panel("heatmap", title, says, queries, width, options, {}, runbook, True)


def table(title, says, query, hidden, width=12, links=None):
    shown = panel("table", title, says, [(query, "")], width,
                  {"showHeader": True, "frameIndex": 0, "cellHeight": "sm"},
                  {"custom": {"align": "auto"}, "links": links or []})
    shown["transformations"] = [
        {"id": "organize", "options": {"excludeByName": {name: True for name in ["Time", "Value", "__name__", "job"] + hidden}}}]
    return shown


OVERVIEW = [
    number("Nodes that answer", "Targets of the job stoker that are up", f"sum(up{{{NODE}}})",
           thresholds={"mode": "absolute", "steps": [{"value": None, "color": "red"}, {"value": 1, "color": "green"}]},
           runbook=["StokerNodeLost", "StokerGone"]),
    number("Commands a second", "Every command asked for: hits, joined, run and refused", rate("stoker_demand_total"), "ops"),
    number("Missed in an hour", "Share of commands refused for want of room, record, disk or tool, or lost. The objective is 0.1 %",
           f"max(stoker:commands_missed:ratio_rate1h{{{CLUSTER}}})", "percentunit",
           steps((0.001, "yellow"), (0.0144, "red")), ["StokerErrorBudgetBurn"]),
    number("Slots in use", "Of all nodes that are shown", f"sum(stoker_slots_used{{{NODE}}}) / sum(stoker_slots{{{NODE}}})", "percentunit",
           steps((0.8, "yellow"), (0.95, "red"))),
    number("Oldest wait", "How long the longest wait of now is", f"max(stoker_queue_oldest_seconds{{{NODE}}})", "s",
           steps((60, "yellow"), (300, "red")), ["StokerQueueOld", "StokerQueueStuck"]),
    number("Answered by the cache", "Share of questions to it that it answered", f"max(stoker:cache_hits:ratio_rate10m{{{CLUSTER}}})", "percentunit",
           runbook=["StokerCacheCollapsed"]),
    table("What rings now", "Alerts of Stoker. A click on a row opens its runbook",
          f'ALERTS{{alertname=~"Stoker.+",alertstate="firing",{CLUSTER}}}', ["alertstate"],
          links=[{"title": "Runbook", "url": RUNBOOKS + "/${__data.fields.alertname}.md", "targetBlank": True}]),
    graph("Commands", "What became of what was asked for", [
        (rate("stoker_demand_total"), "asked for"),
        (rate("stoker_cache_hits_total"), "answered by the cache"),
        (rate("stoker_runs_total"), "runs that ended"),
        (rate("stoker_refusals_total"), "refused")], "ops"),
    graph("Refusals", "By reason", [(rate("stoker_refusals_total", by="code"), "{{code}}")], "ops", 8, ["StokerErrorBudgetBurn"], stacked=True),
    graph("HTTP requests", "By status: errors of the service are 5.. and broken",
          [(rate("stoker_http_request_seconds_count", by="status"), "{{status}}")], "ops", 8, stacked=True),
    graph("HTTP P95", "By route, streams and uploads as long as they take",
          [(quantile(0.95, "stoker_http_request_seconds", NODE, "route"), "{{route}}")], "s", 8, exemplar=True),
]

TOOLS = [
    graph("Demand", "Commands a second, by tool", [(rate("stoker_demand_total", TOOL, "tool"), "{{tool}}")], "ops", stacked=True),
    graph("Ends", "Runs a second, by state", [(rate("stoker_runs_total", TOOL, "state"), "{{state}}")], "ops",
          runbook=["StokerToolFailing", "StokerSandboxFailing"], stacked=True),
    graph("P95 of runs", "Accept to end, by tool", [(quantile(0.95, "stoker_run_seconds"), "{{tool}}")], "s",
          runbook=["StokerRunsSlow"], exemplar=True),
    heat("Runs by how long they took", "Accept to end. The dots are exemplars: a click opens the trace", "stoker_run_seconds", runbook=["StokerRunsSlow"]),
    graph("Where the time goes", "P95 of each part of a run, of the tools that are shown", [
        (f"histogram_quantile(0.95, {rate(f'stoker_{part}_seconds_bucket', TOOL, 'le')})", part.replace("_", " "))
        for part in ("queue_wait", "start", "execution", "collection", "reply")], "s", runbook=["StokerRunsSlow"], exemplar=True),
    graph("P95 of waits", "Accept to slot, by tool", [(quantile(0.95, "stoker_queue_wait_seconds"), "{{tool}}")], "s",
          runbook=["StokerQueueOld"], exemplar=True),
    graph("Not succeeded", "Share of runs, without the cancelled", [
        (f'{rate("stoker_runs_total", TOOL + chr(44) + "state!~" + chr(34) + "succeeded|cancelled" + chr(34), "tool")}'
         f' / {rate("stoker_runs_total", TOOL + chr(44) + "state!=" + chr(34) + "cancelled" + chr(34), "tool")}', "{{tool}}")],
          "percentunit", runbook=["StokerToolFailing"], top=1),
    graph("Output", "Bytes a second that runs write", [(rate("stoker_output_bytes_sum", TOOL, "tool"), "{{tool}}")], "Bps"),
]

NODES = [
    graph("Up", "1 where the node answers", [(f"up{{{NODE}}}", "{{instance}}")], width=8, runbook=["StokerNodeLost", "StokerNodeVanished", "StokerRestarting"], top=1),
    graph("Members", "Nodes in the cluster, as each sees it", [(f"stoker_cluster_nodes{{{NODE}}}", "{{instance}}")], width=8,
          runbook=["StokerClusterParted", "StokerMemberMissing", "StokerMembershipFlapping"]),
    graph("Quorum, backups, drain", "1 for yes", [
        (f"min(stoker_cluster_quorum{{{NODE}}})", "all have quorum"),
        (f"min(stoker_cluster_safe{{{NODE}}})", "all is backed up"),
        (f"max(stoker_draining{{{NODE}}})", "one drains")], width=8, runbook=["StokerNoQuorum", "StokerBackupsMissing", "StokerDrainStuck"], top=1),
    graph("Slots in use", "Share of a node's slots", [(f"stoker_slots_used{{{NODE}}} / stoker_slots{{{NODE}}}", "{{instance}}")], "percentunit", 8, top=1),
    graph("Slots that no run has", "More than 0 for minutes: leaked", [(f"stoker_slots_used{{{NODE}}} - stoker_attempts{{{NODE}}}", "{{instance}}")], width=8,
          runbook=["StokerSlotsLeaked"]),
    graph("Queue", "Share of node.queue that is taken", [(f"stoker_queue_depth{{{NODE}}} / stoker_queue_capacity{{{NODE}}}", "{{instance}}")], "percentunit", 8,
          ["StokerQueueFilling", "StokerQueueStuck"], top=1),
    graph("Oldest wait", "By node that took the command", [(f"stoker_queue_oldest_seconds{{{NODE}}}", "{{instance}}")], "s", 8, ["StokerQueueOld"]),
    graph("Processor", "Of the JVM, without the tools' own processes", [(f"process_cpu_usage{{{NODE}}}", "{{instance}}")], "percentunit", 8),
    graph("Heap", "In use", [(f'sum by (instance) (jvm_memory_used_bytes{{{NODE},area="heap"}})', "{{instance}}")], "bytes", 8, ["StokerPausing"]),
    graph("Pauses", "Share of the time that a JVM stands still to collect garbage", [(rate("jvm_gc_pause_seconds_sum", by="instance"), "{{instance}}")], "percentunit", 8,
          ["StokerPausing"]),
    graph("Event loops and bus", "P99 of how late a loop is, and of a question to every node", [
        (quantile(0.99, "stoker_event_loop_delay_seconds", NODE, "instance"), "loop, {{instance}}"),
        (quantile(0.99, "stoker_bus_round_trip_seconds", NODE, "instance"), "bus, {{instance}}")], "s", 8),
    graph("Open files", "Share of what the process may have", [(f"process_files_open_files{{{NODE}}} / process_files_max_files{{{NODE}}}", "{{instance}}")], "percentunit", 8),
    graph("Room on disks", "Share that is free", [(f"stoker_disk_free_bytes{{{NODE}}} / stoker_disk_size_bytes{{{NODE}}}", "{{instance}} {{use}}")], "percentunit", 8,
          ["StokerDiskFilling"], top=1),
    graph("Spool", "Output of running runs on disk", [(f"stoker_spool_bytes{{{NODE}}}", "{{instance}}")], "bytes", 8, ["StokerDiskFilling"]),
    graph("Ledger", "Runs that are in memory only, and failed uses of the store", [
        (f"stoker_ledger_unwritten{{{NODE}}}", "unwritten, {{instance}}"),
        (rate("stoker_ledger_failures_total", by="instance"), "failures a second, {{instance}}")], width=8,
          runbook=["StokerLedgerUnavailable", "StokerLedgerBehind"]),
]

CACHE = [
    graph("Answered by the cache", "Share of questions, over ten minutes", [(f"stoker:cache_hits:ratio_rate10m{{{CLUSTER}}}", "{{cluster}} {{namespace}}")],
          "percentunit", 8, ["StokerCacheCollapsed"], top=1),
    graph("Hits", "local: was here; cluster: another node had it; collapsed: of an equal run under way", [(rate("stoker_cache_hits_total", TOOL, "level"), "{{level}}")],
          "ops", 8, stacked=True),
    graph("Misses", "Runs that had to be made, by tool", [(rate("stoker_cache_misses_total", TOOL, "tool"), "{{tool}}")], "ops", 8, ["StokerCacheCollapsed"], stacked=True),
    graph("Heap of the cache", "Share of cache.maxSize", [(f"stoker_cache_bytes{{{NODE}}} / stoker_cache_capacity_bytes{{{NODE}}}", "{{instance}}")], "percentunit", 8, top=1),
    graph("Results dropped", "For want of room or for their age", [(rate("stoker_cache_evictions_total", by="instance"), "{{instance}}")], "ops", 8),
    graph("Questions to the cluster that failed", "Such a command is run as if nobody had the result", [(rate("stoker_cache_cluster_failures_total", by="instance"), "{{instance}}")],
          "ops", 8, ["StokerCacheCollapsed"]),
]

ISOLATION = [
    table("Layers that a node lacks, or has in part", "As its probes found it at the start", f'stoker_isolation_layer{{{NODE},state!="works"}} == 1', [],
          links=[{"title": "Runbook", "url": RUNBOOKS + "/StokerIsolationLayerMissing.md", "targetBlank": True}]),
    graph("Sandboxes that could not be made", "Runs that ended as sandbox_failed", [(rate("stoker_runs_total", TOOL + ',state="sandbox_failed"', "tool"), "{{tool}}")],
          "ops", runbook=["StokerSandboxFailing", "StokerSandboxProbeFailing"]),
    graph("P95 of starts", "Slot to running process: directory, inputs, sandbox", [(quantile(0.95, "stoker_start_seconds"), "{{tool}}")], "s", 8, exemplar=True),
    graph("Runs that Stoker ended, and strays", "Strays had left their run's group and were found and killed", [
        (rate("stoker_kills_total", TOOL, "tool"), "ended, {{tool}}"), (rate("stoker_strays_total", TOOL, "tool"), "strays, {{tool}}")], "ops", 8),
    graph("Out of memory, out of room", "Runs that met a limit", [
        (rate("stoker_runs_total", TOOL + ',state=~"out_of_memory|output_limit|timed_out"', "tool, state"), "{{tool}}: {{state}}")], "ops", 8),
    graph("Warm sandboxes", "Runs that found one, and that found none", [
        (rate("stoker_warm_taken_total"), "taken"), (rate("stoker_warm_cold_total"), "none was there"), (rate("stoker_warm_lost_total"), "died while waiting")], "ops", 8),
    graph("Persistent workers", "By what they do", [(f"sum by (tool, state) (stoker_workers{{{TOOL}}})", "{{tool}}: {{state}}")], width=8),
    graph("Certificates", "Until their end", [(f"stoker_certificate_expiry_timestamp_seconds{{{NODE}}} - time()", "{{instance}} {{use}}")], "s", 8,
          ["StokerCertificateExpiring"]),
    graph("Catalog files refused, audit lines lost", "Both are to be 0", [
        (f"stoker_catalog_problems{{{NODE}}}", "catalog, {{instance}}"),
        (f"increase(stoker_audit_lost_total{{{NODE}}}[$__rate_interval])", "audit, {{instance}}")], runbook=["StokerCatalogProblems", "StokerAuditLost"]),
]


def laid_out(rows):
    """Rows one below the other, their panels from left to right."""
    panels, y = [], 0
    for title, content in rows:
        panels.append({"id": next(ids), "type": "row", "title": title, "collapsed": False, "panels": [],
                       "gridPos": {"h": 1, "w": 24, "x": 0, "y": y}})
        x, y, height = 0, y + 1, 0
        for each in content:
            place = each["gridPos"]
            if x + place["w"] > 24:
                x, y, height = 0, y + height, 0
            place["x"], place["y"] = x, y
            x, height = x + place["w"], max(height, place["h"])
            panels.append(each)
        y += height
    return panels


def variable(name, metric, label):
    return {
        "type": "query", "name": name, "label": label, "datasource": SOURCE, "query": f"label_values({metric}, {name})",
        "refresh": 2, "sort": 1, "multi": True, "includeAll": True, "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


DASHBOARD = {
    "uid": "stoker",
    "title": "Stoker",
    "description": "Made by dashboard.py. Command-line tools run as a clustered service: what is asked for, what becomes of it, and what it runs on.",
    "tags": ["stoker"],
    "editable": True,
    "graphTooltip": 1,
    "refresh": "30s",
    "schemaVersion": 42,
    "timezone": "browser",
    "time": {"from": "now-6h", "to": "now"},
    "links": [link("Runbooks", RUNBOOKS + "/README.md")],
    "templating": {"list": [
        {"type": "datasource", "name": "source", "label": "Prometheus", "query": "prometheus", "refresh": 1,
         "current": {"selected": True, "text": "Prometheus", "value": "prometheus"}},
        variable("cluster", 'up{job="stoker"}', "Cluster"),
        variable("namespace", 'up{job="stoker"}', "Namespace"),
        variable("instance", 'up{job="stoker"}', "Node"),
        variable("tool", "stoker_demand_total", "Tool"),
    ]},
    "panels": laid_out([("Overview", OVERVIEW), ("Tools", TOOLS), ("Nodes", NODES), ("Cache", CACHE), ("Isolation", ISOLATION)]),
}

if __name__ == "__main__":
    # One line for each panel: a change of one is a change of one line.
    panels = ",\n".join(json.dumps(each) for each in DASHBOARD.pop("panels"))
    print(json.dumps(DASHBOARD, indent=1)[:-2] + ',\n "panels": [\n' + panels + "\n]}")
