/**
 * What core lends to a driver, without core: for tests of a driver's classes that need no
 * framework.
 */
package io.diskport.testkit.fake;
