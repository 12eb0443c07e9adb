package dev.stoker.config;

import dev.stoker.check.CheckSettings;
import dev.stoker.process.ProcessSettings;
import dev.stoker.sandbox.SandboxSettings;
import dev.stoker.tool.CatalogSettings;

/** The settings of those who look at a catalog and at this machine. Immutable. */
public record Inspection(
    CatalogSettings catalog,
    SandboxSettings sandbox,
    CheckSettings check,
    ProcessSettings process) {}
