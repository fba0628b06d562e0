package io.diskport.api.manage;

/**
 * One option of a type with all that is nested in it: what programs need to know of it. People are
 * shown {@link OptionEntry}.
 *
 * @param name its name inside of what it is nested in, without a dot
 * @param shape what it takes
 * @param required whether it has to be given
 * @param defaultValue what it is where it is not given, as it would be typed; empty if nothing
 * @param description one line
 * @param secret whether its value must not be shown
 */
public record OptionMember(
        String name,
        OptionShape shape,
        boolean required,
        String defaultValue,
        String description,
        boolean secret) {}
