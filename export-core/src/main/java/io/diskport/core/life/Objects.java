package io.diskport.core.life;

import io.diskport.api.BlockException;
import io.diskport.api.manage.Kind;
import io.diskport.api.manage.ObjectEntry;
import io.diskport.api.manage.ObjectManager;
import java.util.Map;

/** The manager of objects. */
final class Objects extends ItemManager<ObjectEntry> implements ObjectManager {
    Objects(Graph graph, Changes changes) {
        super(graph, changes, Kind.OBJECT, ObjectEntry.class);
    }

    @Override
    Item item(Map<String, Object> options, boolean desired) throws BlockException {
        return ObjectItem.of(graph(), options, desired);
    }

    @Override
    public void delete(String id) throws BlockException {
        deleteUnused(id);
    }
}
