package kubecontrollers

import (
	"context"

	everything "k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// source is a kind of Kubernetes object, of all namespaces.
type source struct {
	client rest.Interface
	plural string
	object runtime.Object
}

// follow lists and watches the objects until the context ends and hands each to set, or, when
// it was deleted, to unset. It fails as client-go fails: with a line in klog's format on the
// standard error, and again after a growing while. The function returned tells whether the
// first list is through.
func follow[O runtime.Object](ctx context.Context, from source, set, unset func(O)) func() bool {
	_, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.NewListWatchFromClient(from.client, from.plural, "", everything.Everything()),
		ObjectType:    from.object,
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { set(object.(O)) },
			UpdateFunc: func(_, object any) { set(object.(O)) },
			DeleteFunc: func(object any) {
				if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
					object = last.Obj
				}
				unset(object.(O))
			},
		},
	})
	go informer.RunWithContext(ctx)
	return informer.HasSynced
}
