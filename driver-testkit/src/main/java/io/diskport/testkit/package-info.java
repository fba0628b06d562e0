/**
 * Tests that any driver can run against itself. Start at {@link
 * io.diskport.testkit.ExportDriverTests}, {@link io.diskport.testkit.NodeDriverTests} or {@link
 * io.diskport.testkit.ObjectDriverTests}.
 */
package io.diskport.testkit;
